%% Helper: runs a fun in a process that the caller traces, and prints what the caller is told, pids by name.
-module(traced).
-export([run/3, run/4, print/1, show/2, drain/0, flush/1]).

run(Title, Flags, Fun) -> run(Title, Flags, Fun, []).

%% Names: [{Pid, Name}]
run(Title, Flags, Fun, Names) ->
    io:format("-- ~ts~n", [Title]),
    Me = self(),
    P = spawn(fun() -> receive {go, Me} -> ok end, Fun(), ok end),
    waits(P),
    1 = erlang:trace(P, true, Flags),
    M = monitor(process, P),
    P ! {go, Me},
    receive {'DOWN', M, process, P, _} -> ok end,
    D = erlang:trace_delivered(P),
    receive {trace_delivered, P, D} -> ok end,
    [print(show(E, [{P, tracee}, {Me, tracer} | Names])) || E <- drain()],
    ok.

%% It has come to its receive.
waits(P) -> process_info(P, status) =:= {status, waiting} orelse begin erlang:yield(), waits(P) end.

drain() ->
    receive E when element(1, E) =:= trace; element(1, E) =:= trace_ts; element(1, E) =:= seq_trace -> [E | drain()]
    after 0 -> []
    end.

%% All traces of Pid until now.
flush(Pid) ->
    D = erlang:trace_delivered(Pid),
    receive {trace_delivered, Pid, D} -> ok end,
    drain().

print(E) -> io:format("~p~n", [E]).

show(P, Names) when is_pid(P) -> proplists:get_value(P, Names, pid);
show(P, Names) when is_port(P) -> proplists:get_value(P, Names, port);
show(R, _) when is_reference(R) -> ref;
show(F, _) when is_function(F) -> 'fun';
show([H | T], Names) -> [show(H, Names) | show(T, Names)];
show(T, Names) when is_tuple(T) -> list_to_tuple(show(tuple_to_list(T), Names));
show(M, Names) when is_map(M) -> maps:map(fun(_, V) -> show(V, Names) end, M);
show(X, _) -> X.
