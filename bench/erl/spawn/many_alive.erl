%% Many processes alive at once, asked one by one, then told to end.
-module(many_alive).
-export([main/0]).

main() ->
    bench:cpu(fun() ->
        Pids = [spawn(fun wait/0) || _ <- lists:seq(1, 40000)],
        [P ! {self(), ask} || P <- Pids],
        Sum = lists:sum([receive {P, X} -> X end || P <- Pids]),
        Ms = [begin M = monitor(process, P), P ! stop, M end || P <- Pids],
        [receive {'DOWN', M, _, _, normal} -> ok end || M <- Ms],
        Sum
    end, 40000).

wait() ->
    receive
        {From, ask} -> From ! {self(), 1}, wait();
        stop -> ok
    end.
