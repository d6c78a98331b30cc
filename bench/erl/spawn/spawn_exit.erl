%% Processes that live for one message.
-module(spawn_exit).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(100000, 0) end, 100000).

loop(0, Acc) -> Acc;
loop(N, Acc) ->
    Self = self(),
    spawn(fun() -> Self ! {done, 1} end),
    receive {done, K} -> loop(N - 1, Acc + K) end.
