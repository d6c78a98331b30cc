%% Pancake flips of all permutations: pattern matching on lists, counting.
-module(fannkuch).
-export([main/0]).

main() -> bench:cpu(fun() -> fannkuch(8) end, 22).

fannkuch(N) -> lists:max([flips(P, 0) || P <- permutations(lists:seq(1, N))]).

permutations([]) -> [[]];
permutations(L) -> [[X | P] || X <- L, P <- permutations(L -- [X])].

flips([1 | _], N) -> N;
flips([K | _] = P, N) -> flips(flip(P, K, []), N + 1).

flip(Rest, 0, Acc) -> join(Acc, Rest);
flip([X | Xs], K, Acc) -> flip(Xs, K - 1, [X | Acc]).

join(Acc, Rest) -> lists:reverse(lists:reverse(Acc), Rest).
