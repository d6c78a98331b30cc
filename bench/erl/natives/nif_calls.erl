%% Calls of a native function with one argument, ten in a round.
-module(nif_calls).
-export([main/0]).

-define(S(X), bench_nif:successor(X)).

main() -> bench:cpu(fun() -> loop(0, 300000) end, 3000000).

loop(N, 0) -> N;
loop(N, Rounds) -> loop(?S(?S(?S(?S(?S(?S(?S(?S(?S(?S(N)))))))))), Rounds - 1).
