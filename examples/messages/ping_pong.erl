%% Two processes exchange ten thousand messages.
-module(ping_pong).
-export([main/0]).

main() ->
    Pong = spawn(fun pong/0),
    io:format("exchanged: ~p~n", [ping(Pong, 10000, 0)]),
    Pong ! stop.

ping(_, 0, Count) -> Count;
ping(Pong, N, Count) ->
    Pong ! {ping, self()},
    receive pong -> ping(Pong, N - 1, Count + 1) end.

pong() ->
    receive
        {ping, From} -> From ! pong, pong();
        stop -> ok
    end.
