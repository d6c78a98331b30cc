%% Ports as processes see them: owners, links, monitors, names, what can be asked, signals that they understand or not.
-module(life).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    P = open_port({spawn, "cat"}, [binary]),
    io:format("~p~n", [{is_port(P), lists:member(P, erlang:ports()), lists:member(P, element(2, process_info(self(), links)))}]),
    [io:format("~p ~p~n", [I, info(P, I)]) || I <- [name, links, connected, input, output, registered_name, monitors, monitored_by, parallelism,
                                                   locking, queue_size, nonsense, 5]],
    io:format("~p~n", [[element(1, I) || I <- erlang:port_info(P)]]),
    io:format("~p~n", [is_integer(element(2, erlang:port_info(P, os_pid)))]),
    io:format("data ~p~n", [[erlang:port_get_data(P), erlang:port_set_data(P, {a, "b", <<0:1000>>}), erlang:port_get_data(P) =:= {a, "b", <<0:1000>>},
                             erlang:port_set_data(P, 5), erlang:port_get_data(P)]]),
    io:format("name ~p~n", [[register(a_port, P), whereis(a_port) =:= P, erlang:port_info(P, registered_name), caught(fun() -> register(b_port, P) end),
                             caught(fun() -> register(a_port, self()) end)]]),
    a_port ! {self(), {command, "by name"}},
    io:format("~p~n", [receive {P, {data, D}} -> D end]),
    io:format("~p~n", [[port_command(a_port, ["b", <<"c">>]), receive {P, {data, D2}} -> D2 end, unregister(a_port), whereis(a_port)]]),
    io:format("wrong calls ~p~n", [[caught(F) || F <- [fun() -> port_command(P, foo) end, fun() -> port_command(foo, "") end, fun() -> port_command(P, "", [x]) end,
        fun() -> port_control(P, 1, "") end, fun() -> erlang:port_call(P, 1, x) end, fun() -> port_connect(P, foo) end, fun() -> port_close(foo) end,
        fun() -> port_close(5) end, fun() -> erlang:port_info(5) end, fun() -> erlang:port_info(no_such) end]]]),
    Me = self(),
    Other = spawn_link(fun() -> process_flag(trap_exit, true), other(Me) end),
    P ! {self(), {connect, Other}},
    io:format("connect ~p~n", [receive {P, connected} -> erlang:port_info(P, connected) =:= {connected, Other} end]),
    P ! {self(), {command, "not mine"}},
    io:format("~p~n", [receive {other, {'EXIT', P, R}} -> R end]),
    io:format("still ~p~n", [erlang:port_info(P, connected) =:= {connected, Other}]),
    Ref = erlang:monitor(port, P),
    io:format("~p~n", [erlang:port_info(P, monitored_by) =:= {monitored_by, [self()]}]),
    port_connect(P, Other),
    Other ! stop,
    io:format("owner ends ~p~n", [receive {'DOWN', Ref, port, P, Why} -> Why after 200 -> none end]),
    receive {'EXIT', Other, done} -> ok end,
    io:format("ends ~p~n", [receive {'EXIT', P, Over} -> Over end]),
    io:format("gone ~p~n", [{erlang:port_info(P), lists:member(P, erlang:ports()), caught(fun() -> port_command(P, "x") end), caught(fun() -> port_close(P) end)}]),
    io:format("to one that has gone ~p~n", [{element(2, P ! {self(), close}), exit(P, kill), unlink(P)}]),
    Gone = erlang:monitor(port, P),
    io:format("~p~n", [receive {'DOWN', Gone, port, P, Noproc} -> Noproc end]),
    NoName = erlang:monitor(port, no_such_name),
    io:format("~p~n", [receive {'DOWN', NoName, port, Item, Noproc2} -> {Item, Noproc2} end]),
    io:format("link ~p~n", [{link(P), receive {'EXIT', P, L} -> L end}]),
    [ended_by(R2) || R2 <- [normal, kill, {a, "reason"}, badsig]],
    Q = open_port({spawn, "cat"}, []),
    register(a_port, Q),
    Tag = erlang:monitor(port, a_port, [{tag, tagged}]),
    unlink(Q),
    port_close(Q),
    io:format("~p~n", [receive {tagged, Tag, port, What, N} -> {What, N} end]),
    io:format("~p~n", [{whereis(a_port), receive X -> X after 50 -> none end}]),
    Bad = open_port({spawn, "cat"}, []),
    Bad ! nonsense,
    io:format("~p~n", [receive {'EXIT', Bad, B} -> B after 200 -> none end]),
    Bad ! {self(), {command, nonsense}},
    io:format("~p~n", [receive {'EXIT', Bad, B2} -> B2 after 200 -> none end]),
    io:format("~p~n", [[is_port(Bad), port_to_list(Bad) =:= erlang:port_to_list(list_to_port(port_to_list(Bad))), Bad > self(), Bad < {}, Bad =:= Bad]]).

info(P, Item) ->
    case caught(fun() -> erlang:port_info(P, Item) end) of
        {links, [Pid]} when Pid =:= self() -> {links, [me]};
        {connected, Pid} when Pid =:= self() -> {connected, me};
        I -> I
    end.

caught(F) -> try F() catch C:R -> {C, R} end.

other(Me) ->
    receive
        stop -> exit(done);
        M -> Me ! {other, M}, other(Me)
    end.

%% An exit signal of the owner.
ended_by(Reason) ->
    Port = open_port({spawn, "cat"}, []),
    Ref = erlang:monitor(port, Port),
    exit(Port, Reason),
    io:format("exit ~p ~p~n", [Reason, {receive {'EXIT', Port, R} -> R after 200 -> none end, receive {'DOWN', Ref, _, _, D} -> D after 200 -> none end}]),
    catch port_close(Port),
    receive {'EXIT', Port, _} -> ok after 0 -> ok end.
