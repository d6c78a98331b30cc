%% Maps of ten keys, made by a native function.
-module(nif_maps).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(0, 300000) end, 3000000).

loop(Sum, 0) -> Sum;
loop(Sum, Rounds) ->
    #{9 := Ten} = bench_nif:map(10),
    loop(Sum + Ten, Rounds - 1).
