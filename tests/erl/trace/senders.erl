%% Match specifications of 'receive' know where a message comes from.
-module(senders).
-export([main/0]).

main() ->
    Echo = spawn(fun echo/0),
    register(echo, Echo),
    %% {Ref, Port} is how OTP's open_port/2 gets its answer.
    1 = erlang:trace_pattern('receive', [{['_', '_', {'$1', '_'}], [{is_reference, '$1'}], [{message, false}]},
                                         {['$1', '$2', '_'], [], [{message, {{'$1', '$2'}}}]}], []),
    traced:run("processes", ['receive'], fun() ->
        Me = self(),
        Echo ! {Me, hello}, receive {Echo, _} -> ok end,
        Me ! to_myself, receive to_myself -> ok end,
        register(tracee_name, Me),
        Echo ! {tracee_name, by_name}, receive {Echo, _} -> ok end,
        Echo ! {{tracee_name, node()}, by_node}, receive {Echo, _} -> ok end,
        A = alias(), Echo ! {A, by_alias}, receive {Echo, _} -> ok end,
        Echo ! {Me, lists:seq(1, 3)}, receive {Echo, _} -> ok end
    end, [{Echo, echo}]),
    traced:run("timers", ['receive'], fun() ->
        erlang:send_after(1, self(), one), receive one -> ok end,
        erlang:start_timer(1, self(), two), receive {timeout, _, two} -> ok end,
        erlang:send_after(1, echo, {self(), three}), receive {_, three} -> ok end,
        R = erlang:send_after(10000, self(), never),
        erlang:cancel_timer(R, [{async, true}]), receive {cancel_timer, R, _} -> ok end
    end, [{Echo, echo}]),
    traced:run("ends", ['receive'], fun() ->
        process_flag(trap_exit, true),
        P = spawn_link(fun() -> exit(bye) end), receive {'EXIT', P, _} -> ok end,
        {Q, M} = spawn_monitor(fun() -> exit(bye) end), receive {'DOWN', M, process, Q, _} -> ok end,
        N = monitor(process, no_such_name), receive {'DOWN', N, process, _, _} -> ok end,
        O = monitor(process, P), receive {'DOWN', O, process, _, _} -> ok end,
        L = monitor(process, echo, [{tag, [tag]}]), exit(Echo, kill), receive {[tag], L, process, _, _} -> ok end,
        catch link(P), receive {'EXIT', P, noproc} -> ok end,
        exit(self(), hello), receive {'EXIT', _, hello} -> ok end,
        spawn(fun() -> ok end)
    end, [{Echo, echo}]),
    traced:run("the system", ['receive'], fun() ->
        Me = self(),
        S = spawn_request(fun() -> ok end), receive {spawn_reply, S, _, _} -> ok end,
        {_, U} = spawn_opt(fun() -> ok end, [monitor]), receive {'DOWN', U, _, _, _} -> ok end,
        T = ets:new(t, [public, {heir, Me, data}]),
        G = spawn(fun() -> receive {'ETS-TRANSFER', _, _, _} -> ok end end),
        ets:give_away(T, G, x), receive {'ETS-TRANSFER', T, G, data} -> ok end,
        garbage_collect(Me, [{async, gc}]), receive {garbage_collect, gc, _} -> ok end,
        D = erlang:trace_delivered(Me), receive {trace_delivered, Me, D} -> ok end,
        ok
    end),
    traced:run("ports", ['receive'], fun() ->
        process_flag(trap_exit, true),
        P = open_port({spawn, "cat"}, [binary]),
        P ! {self(), {command, <<"hello">>}}, receive {P, {data, _}} -> ok end,
        port_command(P, <<"again">>), receive {P, {data, _}} -> ok end,
        P ! {self(), {connect, self()}}, receive {P, connected} -> ok end,
        port_close(P), receive {'EXIT', P, normal} -> ok end,
        Q = open_port({spawn, "true"}, [exit_status]), receive {Q, {exit_status, 0}} -> ok end,
        receive {'EXIT', Q, normal} -> ok end,
        C = open_port({spawn, "cat"}, []), M = monitor(port, C), port_close(C),
        receive {'DOWN', M, port, C, _} -> ok end,
        receive {'EXIT', C, _} -> ok after 0 -> ok end
    end),
    Other = spawn(fun echo/0),
    1 = erlang:trace_pattern('receive', [{['_', Other, '_'], [], []}], []),
    traced:run("only of one", ['receive'], fun() ->
        self() ! me, Other ! {self(), hello}, receive {Other, _} -> ok end, receive me -> ok end
    end, [{Other, other}]),
    1 = erlang:trace_pattern('receive', true, []),
    exit(Other, kill).

echo() ->
    receive {To, X} -> To ! {self(), X}, echo() end.
