%% Calls of a native function that runs on a dirty thread; elapsed time would be that of waking threads up.
-module(nif_dirty).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(0, 50000) end, 50000).

loop(N, 0) -> N;
loop(N, Rounds) -> loop(bench_nif:dirty_successor(N), Rounds - 1).
