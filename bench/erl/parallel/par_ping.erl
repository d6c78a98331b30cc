%% Sixteen pairs that play ping-pong at once.
-module(par_ping).
-export([main/0]).

main() ->
    bench:wall(fun() ->
        Main = self(),
        [spawn_link(fun() -> play(Main, 10000) end) || _ <- lists:seq(1, 16)],
        length([receive over -> ok end || _ <- lists:seq(1, 16)])
    end, 16).

play(Main, N) ->
    P = spawn_link(fun pong/0),
    ping(N, P),
    P ! stop,
    Main ! over.

ping(0, _) -> ok;
ping(N, P) -> P ! {self(), N}, receive N -> ping(N - 1, P) end.

pong() -> receive {From, N} -> From ! N, pong(); stop -> ok end.
