%% What is traced of ports.
-module(ports).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    erlang:trace(new_ports, true, [ports]),
    io:format("~p ~p~n", [erlang:trace_info(new_ports, flags), element(1, erlang:trace_info(new_ports, tracer))]),
    P = open_port({spawn, "cat"}, [binary]),
    show("opened", P),
    Helper = spawn(fun() -> receive stop -> ok end end),
    true = register(a_port, P), unregister(a_port), register(b_port, P),
    link(P), unlink(P), link(P),
    show("links and names", P),
    port_close(P),
    receive {'EXIT', P, R} -> io:format("~p~n", [R]) end,
    show("closed", P),
    erlang:trace(new_ports, false, [ports]),
    Q = open_port({spawn, "cat"}, [binary]),
    show("not traced", Q),
    1 = erlang:trace(Q, true, [send, 'receive']),
    io:format("~p~n", [erlang:trace_info(Q, flags)]),
    Q ! {self(), {command, <<"hello">>}}, receive {Q, {data, D1}} -> io:format("~p~n", [D1]) end,
    show("message", Q),
    true = port_command(Q, ["by ", <<"call">>]), receive {Q, {data, D2}} -> io:format("~p~n", [D2]) end,
    show("port_command", Q),
    port_connect(Q, Helper), show("port_connect", Q),
    port_connect(Q, self()), show("back", Q),
    Q ! {self(), {connect, self()}}, receive {Q, connected} -> ok end,
    show("connect", Q),
    (catch port_control(Q, 1, <<"x">>)), show("port_control", Q),
    (catch erlang:port_call(Q, 1, x)), show("port_call", Q),
    erlang:port_info(Q, connected), show("port_info", Q),
    M = monitor(port, Q), show("monitor", Q), demonitor(M), show("demonitor", Q),
    unlink(Q), show("unlink", Q), link(Q), show("link", Q),
    Q ! {self(), close}, receive {Q, closed} -> ok end, receive {'EXIT', Q, normal} -> ok end,
    show("close", Q),
    erlang:trace(new_ports, true, [ports, send, 'receive']),
    S = open_port({spawn, "sh -c 'exit 3'"}, [exit_status]),
    receive {S, {exit_status, 3}} -> ok end, receive {'EXIT', S, _} -> ok end,
    show("a program that ends", S),
    E = open_port({spawn, "cat"}, []), exit(E, because), receive {'EXIT', E, W} -> io:format("~p~n", [W]) end,
    show("exit/2", E),
    L = open_port({spawn, "cat"}, [stream, {line, 10}]), port_command(L, "abc\n"),
    receive {L, {data, {eol, _}}} -> ok end, show("lines", L),
    1 = erlang:trace(L, false, [send, 'receive']), io:format("~p~n", [erlang:trace_info(L, flags)]),
    port_close(L), receive {'EXIT', L, _} -> ok end, show("less", L),
    erlang:trace(new_ports, false, [all]),
    Helper ! stop,
    running().

running() ->
    erlang:trace(new_ports, true, [running_ports, ports]),
    P = open_port({spawn, "cat"}, [binary]),
    show("open", P),
    P ! {self(), {command, <<"hello">>}}, receive {P, {data, _}} -> ok end,
    port_command(P, <<"hello">>), receive {P, {data, _}} -> ok end,
    show("commands", P),
    unlink(P), link(P), show("links", P),
    M = monitor(port, P), demonitor(M), show("monitors", P),
    erlang:port_info(P, connected), erlang:port_info(P), show("infos", P),
    (catch port_control(P, 1, <<>>)), (catch erlang:port_call(P, 1, x)), show("control", P),
    port_connect(P, self()), P ! {self(), {connect, self()}}, show("connect", P),
    erlang:port_set_data(P, x), show("data", P),
    port_close(P), show("close", P),
    {ok, L} = gen_tcp:listen(0, [{active, false}]), show("listen", L),
    gen_tcp:close(L), show("close", L),
    erlang:trace(new_ports, false, [all]).

show(Title, Port) ->
    io:format("-- ~ts~n", [Title]),
    timer:sleep(50),
    Events = [traced:show(E, [{self(), me}]) || E <- traced:drain(), element(2, E) =:= Port],
    [traced:print(E) || E <- Events, not is_of_forker(E)].

%% OTP starts programs by another port, which is seen.
is_of_forker({trace, port, 'receive', {pid, {control, _}}}) -> true;
is_of_forker({trace, port, send, {port, {control, _}}, pid}) -> true;
is_of_forker({trace, port, How, 0}) when How =:= in; How =:= out -> true;  % when the system has something to tell
is_of_forker(_) -> false.
