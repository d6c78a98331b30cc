%% Collections under a deep stack: body recursion that allocates.
-module(deep_stack).
-export([main/0]).

main() -> bench:cpu(fun() -> lists:sum([down(100000) rem 1000 || _ <- lists:seq(1, 8)]) end, 0).

down(0) -> 0;
down(N) ->
    T = {N, [N, N + 1], "abc"},
    R = down(N - 1),
    element(1, T) + hd(element(2, T)) + R.
