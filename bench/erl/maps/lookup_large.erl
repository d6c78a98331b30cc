%% Reads from a map of many binaries, hits and misses.
-module(lookup_large).
-export([main/0]).

main() ->
    Map = maps:from_list([{integer_to_binary(I), I} || I <- lists:seq(1, 20000)]),
    Keys = [integer_to_binary((I * 7919) rem 30000) || I <- lists:seq(1, 30000)],
    bench:cpu(fun() -> loop(12, Keys, Map, 0) end, 2400000000).

loop(0, _, _, Acc) -> Acc;
loop(N, Keys, Map, Acc) -> loop(N - 1, Keys, Map, read(Keys, Map, Acc)).

read([], _, Acc) -> Acc;
read([K | Ks], Map, Acc) ->
    case Map of
        #{K := V} -> read(Ks, Map, Acc + V);
        _ -> read(Ks, Map, Acc - 1)
    end.
