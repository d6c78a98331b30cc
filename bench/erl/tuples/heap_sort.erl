%% A binary heap in a tuple: element and setelement.
-module(heap_sort).
-export([main/0]).

main() -> bench:cpu(fun() -> fill(60, 0) end, 3033995).

fill(0, Acc) -> Acc;
fill(K, Acc) ->
    T = list_to_tuple([(I * 7919 * K) rem 1009 || I <- lists:seq(1, 200)]),
    H = lists:foldl(fun(I, Heap) -> sift(Heap, I, 200) end, T, lists:seq(100, 1, -1)),
    fill(K - 1, Acc + drain(H, 200, 0)).

drain(H, 1, Acc) -> Acc + element(1, H);
drain(H, N, Acc) ->
    Top = element(1, H),
    drain(sift(setelement(1, H, element(N, H)), 1, N - 1), N - 1, Acc + Top * (N band 1)).

sift(H, I, N) when 2 * I > N -> H;
sift(H, I, N) ->
    L = 2 * I,
    Child = case L < N andalso element(L + 1, H) > element(L, H) of true -> L + 1; false -> L end,
    {Mine, Its} = {element(I, H), element(Child, H)},
    if
        Its > Mine -> sift(setelement(Child, setelement(I, H, Its), Mine), Child, N);
        true -> H
    end.
