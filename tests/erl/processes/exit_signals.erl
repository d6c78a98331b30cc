%% exit/2: normal, kill, trapped, to self, propagation.
-module(exit_signals).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    Wait = fun() -> receive {say, To} -> To ! alive, receive after infinity -> ok end end end,
    P = spawn_link(Wait),
    exit(P, normal),
    P ! {say, self()},
    io:format("~p~n", [receive alive -> alive after 30000 -> dead end]),
    exit(P, shutdown),
    io:format("~p~n", [receive {'EXIT', P, R} -> R end]),
    T = spawn_link(fun() -> process_flag(trap_exit, true), (fun L() -> receive {'EXIT', _, stop} -> exit(stopped); {'EXIT', _, _} -> L() end end)() end),
    what_happens:waits(T),
    exit(T, go_on),
    exit(T, stop),
    io:format("~p~n", [receive {'EXIT', T, R2} -> R2 end]),
    K = spawn_link(fun() -> process_flag(trap_exit, true), receive after infinity -> ok end end),
    what_happens:waits(K),
    exit(K, kill),
    io:format("~p~n", [receive {'EXIT', K, R3} -> R3 end]),
    exit(self(), normal),
    io:format("~p~n", [receive {'EXIT', S, R4} -> {S =:= self(), R4} after 30000 -> nothing end]),
    io:format("~p~n", [catch exit(not_a_pid, x) =:= x]),
    io:format("~p~n", [is_process_alive(P)]),
    [io:format("~p ~p~n", [Why, in_order(Why, Tie)]) || Why <- [kill, oops, normal], Tie <- [fun(Q) -> monitor(process, Q) end, fun link/1]].

%% Who asks for a tie after an exit signal ties itself to a process that is gone.
in_order(Why, Tie) ->
    Q = spawn(fun() -> receive after 300 -> ok end end),
    what_happens:waits(Q),
    Before = monitor(process, Q),
    exit(Q, Why),
    Tied = Tie(Q),
    lists:sort([receive {'DOWN', Before, _, _, R} -> {before, R}; {'DOWN', Tied, _, _, R} -> {later, R}; {'EXIT', Q, R} -> {later, R} end || _ <- [1, 2]]).
