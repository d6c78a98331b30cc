%% The sieve of Eratosthenes over lists.
-module(sieve).
-export([main/0]).

main() -> bench:cpu(fun() -> lists:sum(sieve(lists:seq(2, 100000), 317)) end, 454396537).

sieve([P | Xs], Limit) when P =< Limit -> [P | sieve([X || X <- Xs, X rem P =/= 0], Limit)];
sieve(Xs, _) -> Xs.
