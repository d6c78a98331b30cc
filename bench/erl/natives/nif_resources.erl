%% Resources: made, and looked into ten times.
-module(nif_resources).
-export([main/0]).

-define(N, bench_nif:number(R)).

main() -> bench:cpu(fun() -> loop(0, 200000) end, 200000 * 200001 div 2 * 10).

loop(Sum, 0) -> Sum;
loop(Sum, Rounds) ->
    R = bench_nif:new_number(Rounds),
    loop(Sum + ?N + ?N + ?N + ?N + ?N + ?N + ?N + ?N + ?N + ?N, Rounds - 1).
