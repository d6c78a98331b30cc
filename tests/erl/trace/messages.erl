%% Sending and receiving.
-module(messages).
-export([main/0]).

main() ->
    Echo = spawn(fun echo/0),
    register(echo, Echo),
    Names = [{Echo, echo}],
    Dead = spawn(fun() -> ok end),
    R = monitor(process, Dead), receive {'DOWN', R, _, _, _} -> ok end,
    traced:run("send", [send], fun() ->
        Echo ! {self(), hello}, receive {Echo, X} -> X end,
        echo ! {self(), [by, name]}, receive {Echo, Y} -> Y end,
        {echo, node()} ! {self(), <<"by name and node">>}, receive {Echo, Z} -> Z end,
        erlang:send(Echo, {self(), 1}), erlang:send(Echo, {self(), 2}, [noconnect]),
        Dead ! nobody, (catch no_such_name ! nobody),
        A = alias(), A ! to_alias, unalias(A), A ! to_alias, self() ! to_myself
    end, [{Dead, dead} | Names]),
    traced:run("receive", ['receive'], fun() ->
        Echo ! {self(), hello}, receive {Echo, X} -> X end,
        self() ! to_myself, erlang:send_after(1, self(), timer), receive timer -> ok end,
        process_flag(trap_exit, true),
        P = spawn_link(fun() -> exit(bye) end), receive {'EXIT', P, _} -> ok end,
        {Q, M} = spawn_monitor(fun() -> exit(bye) end), receive {'DOWN', M, process, Q, _} -> ok end
    end, Names),
    traced:run("timeouts", ['receive'], fun() ->
        receive nothing -> ok after 1 -> ok end, receive nothing -> ok after 0 -> ok end, receive after 2 -> ok end, self() ! m, receive m -> ok after 1000 -> ok end
    end),
    io:format("~p~n", [erlang:trace_pattern('receive', [{[clock_service, undefined, timeout], [], [{message, in_time}]}], [])]),
    traced:run("timeouts by pattern", ['receive'], fun() -> self() ! m, receive n -> ok after 1 -> ok end end),
    erlang:trace_pattern('receive', true, []),
    Actions = [{caller}, {caller_line}, {disable_trace, send}, {display, 1}, {enable_trace, send}, {exception_trace}, {get_seq_token}, {get_tcw}, {is_seq_trace},
               {message, true}, {process_dump}, {return_trace}, {set_seq_token, label, 1}, {set_tcw, 1}, {silent, true}, {trace, [send], []}],
    [io:format("~p ~p ~p~n", [What, A, catch_class(fun() -> erlang:trace_pattern(What, [{'_', [], [A]}], []) end)]) ||
        What <- [send, 'receive', {lists, none, 1}, other], A <- Actions],
    erlang:trace_pattern(send, true, []), erlang:trace_pattern('receive', true, []),
    traced:run("both", [send, 'receive'], fun() -> self() ! me, receive me -> ok end end),
    io:format("~p~n", [erlang:trace_pattern(send, [{['$1', {'_', '$2'}], [{is_atom, '$2'}], [{message, {{'$2', '$1'}}}]}], [])]),
    io:format("~p~n", [erlang:trace_pattern('receive', [{['_', '_', {'_', hello}], [], [{message, hi}]}], [])]),
    io:format("~p ~p~n", [erlang:trace_info(send, match_spec), erlang:trace_info('receive', match_spec)]),
    traced:run("patterns", [send, 'receive'], fun() ->
        Echo ! {self(), hello}, receive {Echo, X} -> X end, Echo ! {self(), 17}, receive {Echo, Y} -> Y end
    end, Names),
    io:format("~p~n", [erlang:trace_pattern(send, false, [])]),
    traced:run("no sends", [send, 'receive'], fun() -> Echo ! {self(), hello}, receive {Echo, X} -> X end end, Names),
    io:format("~p~n", [erlang:trace_pattern(send, true, [])]),
    io:format("~p~n", [erlang:trace_pattern('receive', true, [])]),
    io:format("~p ~p~n", [erlang:trace_info(send, match_spec), erlang:trace_info('receive', match_spec)]),
    [io:format("~p~n", [catch_class(fun() -> erlang:trace_pattern(E, true, F) end)]) ||
        {E, F} <- [{send, [local]}, {'receive', [global]}, {other, []}]],
    traced:run("sensitive", [send], fun() ->
        self() ! one, process_flag(sensitive, true), self() ! two, process_flag(sensitive, false), self() ! three
    end),
    exit(Echo, kill).

catch_class(F) -> try F() catch C:E -> {C, E} end.

echo() ->
    receive {From, X} -> From ! {self(), X}, echo() end.
