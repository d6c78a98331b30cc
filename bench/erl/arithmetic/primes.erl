%% Counting primes by trial division: remainders in a tight loop.
-module(primes).
-export([main/0]).

main() -> bench:cpu(fun() -> count(2, 150000, 0) end, 13848).

count(N, Limit, C) when N >= Limit -> C;
count(N, Limit, C) ->
    case is_prime(N, 2) of
        true -> count(N + 1, Limit, C + 1);
        false -> count(N + 1, Limit, C)
    end.

is_prime(N, D) when D * D > N -> true;
is_prime(N, D) when N rem D =:= 0 -> false;
is_prime(N, D) -> is_prime(N, D + 1).
