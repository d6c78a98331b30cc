%% Whole maps: from_list, fold, map, filter, merge, keys, to_list, iterators.
-module(fold_merge).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(12, 0) end, 2200459992).

loop(0, Acc) -> Acc;
loop(N, Acc) ->
    A = maps:from_list([{I, I * N} || I <- lists:seq(1, 5000)]),
    B = maps:map(fun(K, V) -> K + V end, A),
    C = maps:filter(fun(K, _) -> K rem 3 =:= 0 end, B),
    D = maps:merge(A, C),
    Sum = maps:fold(fun(_, V, S) -> S + V end, 0, D),
    loop(N - 1, Acc + Sum + lists:sum(maps:keys(C)) + length(maps:to_list(D)) + walk(maps:next(maps:iterator(B)), 0)).

walk(none, Acc) -> Acc;
walk({_, V, Next}, Acc) -> walk(maps:next(Next), Acc + V).
