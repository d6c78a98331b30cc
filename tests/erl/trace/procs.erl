%% Life of processes: spawning, linking, names, ends; flags that go from one to another.
-module(procs).
-export([main/0, idle/0, child/1]).

idle() -> receive stop -> ok end.
child(X) -> X.

main() ->
    traced:run("procs", [procs], fun() ->
        P = spawn(?MODULE, child, [1]), wait(P),
        Q = spawn_link(?MODULE, idle, []), unlink(Q), link(Q), link(Q), unlink(Q), unlink(Q), Q ! stop, wait(Q),
        register(some_name, self()), unregister(some_name), register(other_name, self())
    end),
    traced:run("end by an error", [procs], fun() -> catch error(x), exit({reason, 1}) end),
    traced:run("linked from outside", [procs], fun() ->
        Me = self(),
        P = spawn(fun() -> link(Me), unlink(Me), Me ! {done, self()} end),
        receive {done, P} -> ok end, wait(P)
    end),
    traced:run("exit of a linked process", [procs], fun() ->
        process_flag(trap_exit, true), P = spawn_link(?MODULE, child, [1]), receive {'EXIT', P, R} -> R end
    end),
    traced:run("exit with a linked process", [procs, 'receive'], fun() ->
        P = spawn_link(fun() -> receive stop -> exit(together) end end), P ! stop, receive never -> ok end
    end),
    traced:run("exit as a message", [procs, 'receive'], fun() ->
        process_flag(trap_exit, true), P = spawn_link(fun() -> receive stop -> exit(apart) end end), P ! stop, receive {'EXIT', P, _} -> ok end
    end),
    inherit(set_on_spawn), inherit(set_on_first_spawn), inherit_link(set_on_link), inherit_link(set_on_first_link),
    new(), tracer_dies(), times(), errors(), info().

wait(P) -> M = monitor(process, P), receive {'DOWN', M, process, P, _} -> ok end.

inherit(Flag) ->
    traced:run(atom_to_list(Flag), [procs, Flag], fun() ->
        A = spawn(fun() -> B = spawn(?MODULE, child, [2]), wait(B) end), wait(A), C = spawn(?MODULE, child, [3]), wait(C)
    end).

inherit_link(Flag) ->
    traced:run(atom_to_list(Flag), [procs, Flag], fun() ->
        A = spawn_link(?MODULE, child, [1]), wait(A),
        B = spawn(?MODULE, idle, []), link(B), unlink(B), B ! stop, wait(B)
    end).

new() ->
    io:format("~p~n", [erlang:trace(new, true, [procs, send])]),
    io:format("~p ~p~n", [lists:sort(element(2, erlang:trace_info(new, flags))), element(2, erlang:trace_info(new, tracer)) =:= self()]),
    P = spawn(?MODULE, child, [1]), wait(P),
    [traced:print(traced:show(E, [{P, p}, {self(), me}])) || E <- traced:flush(P)],
    io:format("~p~n", [erlang:trace(new, false, [all])]),
    io:format("~p ~p~n", [erlang:trace_info(new, flags), erlang:trace_info(new, tracer)]),
    Q = spawn(?MODULE, child, [1]), wait(Q), io:format("~p~n", [traced:drain()]).

tracer_dies() ->
    P = spawn(?MODULE, idle, []),
    T = spawn(?MODULE, idle, []),
    1 = erlang:trace(P, true, [send, {tracer, T}]),
    io:format("~p~n", [catch_class(fun() -> erlang:trace(P, true, [send]) end)]),
    io:format("~p ~p~n", [erlang:trace_info(P, flags), erlang:trace_info(P, tracer) =:= {tracer, T}]),
    exit(T, kill), wait(T),
    io:format("~p ~p~n", [erlang:trace_info(P, flags), erlang:trace_info(P, tracer)]),
    1 = erlang:trace(P, true, ['receive']),
    P ! stop, wait(P),
    [traced:print(traced:show(E, [{P, p}])) || E <- traced:flush(P)].

times() ->
    [begin
        P = spawn(?MODULE, idle, []),
        1 = erlang:trace(P, true, ['receive', F]),
        P ! stop, wait(P),
        [{trace_ts, P, 'receive', stop, T}] = traced:flush(P),
        io:format("~p ~p~n", [F, shape(T)])
     end || F <- [timestamp, monotonic_timestamp, strict_monotonic_timestamp]],
    P = spawn(?MODULE, idle, []),
    1 = erlang:trace(P, true, ['receive', scheduler_id]),
    P ! stop, wait(P),
    [{trace, P, 'receive', stop, S}] = traced:flush(P),
    io:format("~p~n", [is_integer(S)]).

shape({A, B, C}) when is_integer(A), is_integer(B), is_integer(C) -> three;
shape({A, B}) when is_integer(A), is_integer(B) -> two;
shape(A) when is_integer(A) -> one.

errors() ->
    Dead = spawn(fun() -> ok end), wait(Dead),
    [io:format("~p~n", [catch_class(fun() -> apply(erlang, trace, A) end)]) ||
        A <- [[Dead, true, [send]], [self(), maybe, [send]], [self(), true, [nonsense]], [self(), true, send], [nobody, true, [send]],
              [self(), true, [send | x]], [self(), true, []], [self(), true, [send]], [self(), false, [all]],
              [self(), true, [cpu_timestamp]], [self(), true, [{tracer, x}]], [self(), true, [{tracer, no_module, []}]]]],
    [io:format("~p~n", [catch_class(fun() -> apply(erlang, trace_pattern, A) end)]) ||
        A <- [[{a, '_', 1}, true, []], [{a, b}, true, []], [{a, b, c}, true, []], [{a, b, 1}, x, []], [{a, b, 1}, true, [x]],
              [{a, b, 1}, true, [local, global]], [{a, b, 1}, true, [global, local]], [{a, b, 1}, [{'_', [], []}], [call_count]],
              [{a, b, 1}, true, [{meta, x}]], [{a, b, 1}, true, []], [{a, b, 1}, true], [{no_module, '_', '_'}, true, [local]],
              [{?MODULE, no_function, '_'}, true, [local]], [on_load, true, []], [on_load, false, []]]].

info() ->
    [io:format("~p~n", [catch_class(fun() -> apply(erlang, trace_info, A) end)]) ||
        A <- [[self(), flags], [self(), tracer], [self(), x], [new, flags], [new_processes, tracer], [new_ports, flags], [nobody, flags],
              [{lists, seq, 2}, traced], [{lists, seq, 2}, all], [{lists, no_function, 2}, traced], [{lists, seq}, traced],
              [{lists, seq, a}, traced], [{erlang, atom_to_list, 1}, traced], [on_load, all], [on_load, traced], [on_load, x], [1, x],
              [send, x], [send, match_spec]]],
    MS = [{['$1', '_'], [], [{message, {{x, '$1'}}}]}],
    Me = self(),
    erlang:trace_pattern({lists, seq, 2}, MS, [local, {meta, Me}, call_count]),
    {all, L} = erlang:trace_info({lists, seq, 2}, all),
    io:format("~p~n", [traced:show(L, [{Me, me}])]),
    [io:format("~p~n", [traced:show(erlang:trace_info({lists, seq, 2}, K), [{Me, me}])]) ||
        K <- [traced, match_spec, meta, meta_match_spec, call_count, call_time]],
    erlang:trace_pattern({lists, seq, 2}, true, []),
    [io:format("~p~n", [erlang:trace_info({lists, seq, 2}, K)]) ||
        K <- [traced, match_spec, meta, meta_match_spec, call_count, call_time, all]],
    erlang:trace_pattern({lists, seq, 2}, false, []),
    io:format("~p~n", [erlang:trace_info({lists, seq, 2}, all)]).

catch_class(F) -> try F() catch C:E -> {C, E} end.
