%% map, filter, foldl, zip, partition of the lists module over middling lists.
-module(higher_order).
-export([main/0]).

main() ->
    bench:cpu(fun() -> loop(60, lists:seq(1, 10000), 0) end, 18640).

loop(0, _, Acc) -> Acc;
loop(N, L, Acc) ->
    Squares = lists:map(fun(X) -> X * X + N end, L),
    Odd = lists:filter(fun(X) -> X band 1 =:= 1 end, Squares),
    {Small, Large} = lists:partition(fun(X) -> X rem 1000 < 500 end, Odd),
    Sum = lists:foldl(fun({A, B}, S) -> S + A - B end, 0, lists:zip(L, lists:reverse(L))),
    loop(N - 1, L, Acc + length(Small) - length(Large) + Sum).
