%% Errors from the depth of recursive functions, with their stack traces.
-module(deep_error).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(30000, 0) end, 120000).

loop(0, Acc) -> Acc;
loop(N, Acc) ->
    R = try down(60, N) catch error:badarith:Stack -> length(Stack) end,
    loop(N - 1, Acc + R).

down(0, N) -> 1 / (N - N);
down(D, N) -> 1 + down(D - 1, N).
