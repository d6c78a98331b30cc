%% Two processes and one small message there and back.
-module(ping_pong).
-export([main/0]).

main() ->
    bench:cpu(fun() ->
        P = spawn_link(fun pong/0),
        R = ping(200000, P),
        P ! stop,
        R
    end, done).

ping(0, _) -> done;
ping(N, P) -> P ! {self(), N}, receive {pong, N} -> ping(N - 1, P) end.

pong() -> receive {From, N} -> From ! {pong, N}, pong(); stop -> ok end.
