%% Selective receive over a mailbox of other messages, and with a fresh reference.
-module(selective).
-export([main/0]).

main() -> bench:cpu(fun() -> [self() ! {noise, I} || I <- lists:seq(1, 300)], {tagged(1500), referenced(100000, 0)} end, {1500, 100000}).

tagged(N) -> [self() ! {tag, I} || I <- lists:seq(1, N)], take(N, 0).

take(0, C) -> C;
take(N, C) -> receive {tag, N} -> take(N - 1, C + 1) end.

referenced(0, C) -> C;
referenced(N, C) ->
    R = make_ref(),
    self() ! {R, N},
    receive {R, N} -> referenced(N - 1, C + 1) end.
