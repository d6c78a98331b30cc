%% Lists of tuples with floats, made by a native function.
-module(nif_lists).
-export([main/0]).

main() -> bench:cpu(fun() -> loop({1, 1.0}, 20000) end, {1, 1.0}).

loop(First, 0) -> First;
loop(First, Rounds) ->
    [First | _] = bench_nif:list(100),
    loop(First, Rounds - 1).
