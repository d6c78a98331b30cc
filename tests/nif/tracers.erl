%% Tracers that are modules: {tracer, Module, State} in trace/3, as tracers of meta traces, in match specifications, of sequences.
-module(tracers).
-export([main/0, traced/1, other/1, fails/1, loop/0]).

main() ->
    logger:set_primary_config(level, none),
    [begin io:format("~p~n", [M]), code:ensure_loaded(M), events(M), options(M), calls(M), ports(M), sequences(M) end
     || M <- [tracers_plain, tracers_split]],
    refused(),
    removed(),
    given(),
    unloaded(),
    show(erl_tracer_functions()),
    ok.

%% ---- what the tracer is told

events(M) ->
    Target = spawn(fun ignore/0),
    register(target, Target),
    run(M, trace, [send], fun() -> Target ! {some, [message]}, target ! named, self() ! own, receive own -> ok end end),
    run(M, trace, ['receive'], fun() -> self() ! {to, myself}, receive {to, myself} -> ok end end),
    run(M, trace, [procs], fun() ->
        register(traced_one, self()),
        P = spawn_link(fun() -> receive stop -> ok end end),
        unlink(P),
        P ! stop,
        unregister(traced_one),
        exit(the_end)
    end),
    show(lists:usort([{Name, Tag} || {Name, {Tag, _, L, _, _}} <- collect(M, [gc_major_start, gc_major_end], [garbage_collection], fun() -> erlang:garbage_collect() end),
                                     proplists:is_defined(heap_size, L)])),
    show(lists:usort([{Name, Tag, is_tuple(MFA), maps:size(O)} || {Name, {Tag, _, MFA, O, _}} <-
        collect(M, trace, [running], fun() -> receive after 10 -> ok end end)])),
    % What it does not want
    run(M, [send], [send, 'receive', procs], fun() -> Target ! wanted, self() ! own, receive own -> ok end end),
    run(M, discard, [send, procs, call], fun() -> Target ! unwanted end),
    unregister(target),
    exit(Target, kill).

options(M) ->
    Sends = fun() -> self() ! own, receive own -> ok end end,
    [run(M, trace, [send, Flag], Sends) || Flag <- [timestamp, monotonic_timestamp, strict_monotonic_timestamp]],
    show([is_integer(maps:get(scheduler_id, O)) || {_, {_, _, _, O, _}} <- collect(M, trace, [send, scheduler_id], Sends)]).

calls(M) ->
    Calls = fun() -> ?MODULE:traced(1), catch ?MODULE:fails(2) end,
    pattern(true, [global]),
    run(M, trace, [call], Calls),
    run(M, trace, [call, arity], Calls),
    pattern(true, [local]),
    run(M, trace, [call, return_to], Calls),
    run(M, [call], [call, return_to], Calls),
    pattern([{'_', [], [{return_trace}, {message, {caller}}]}], [local]),
    run(M, trace, [call], Calls),
    run(M, trace, [call, silent], Calls),
    run(M, [return_from], [call], Calls),
    pattern([{'_', [], [{exception_trace}]}], [local]),
    run(M, trace, [call], Calls),
    pattern(false, [local]),
    % A tracer of its own for each function. In OTP a meta trace asks a wrong function if there is a trace_call/5.
    [begin
        erlang:trace_pattern({?MODULE, traced, 1}, [{'_', [], [{return_trace}]}], [{meta, M, {self(), trace}}]),
        show(mask(M, erlang:trace_info({?MODULE, traced, 1}, meta))),
        show(mask(M, erlang:trace_info({?MODULE, traced, 1}, all))),
        {Pid, Ref} = spawn_monitor(?MODULE, traced, [5]),
        receive {'DOWN', Ref, process, Pid, normal} -> ok end,
        show(mask(Pid, told(Pid))),
        erlang:trace_pattern({?MODULE, traced, 1}, false, [meta])
     end || M =:= tracers_plain].

ports(M) ->
    Events = [{Name, Tag, is_port(P), Data, O} || {Name, {Tag, P, Data, O, none}} <- [_ | _] = port_events(M)],
    show(lists:usort([{Name, Tag} || {Name, Tag, true, _, _} <- Events])).

port_events(M) ->
    erlang:trace(new_ports, true, [ports, send, 'receive', running_ports, {tracer, M, {self(), trace}}]),
    Port = open_port({spawn, "cat"}, [stream]),
    erlang:trace(new_ports, false, [all]),
    port_command(Port, "text"),
    receive {Port, {data, "text"}} -> ok end,
    port_close(Port),
    erlang:trace_delivered(all),
    receive {trace_delivered, all, _} -> ok end,
    flush().

sequences(M) ->
    show(seq_trace:set_system_tracer({M, {self(), trace}})),
    show(mask(M, seq_trace:get_system_tracer())),
    seq_trace:set_token(label, {a, label}),
    seq_trace:set_token(send, true),
    seq_trace:set_token(print, true),
    seq_trace:print({a, label}, {some, text}),
    seq_trace:set_token([]),
    show(mask(M, flush())),
    show(mask(M, seq_trace:set_system_tracer(false))),
    show(seq_trace:get_system_tracer()).

%% ---- who may be one

refused() ->
    show([class(fun() -> erlang:trace(self(), true, [call, {tracer, Module, State}]) end) ||
        {Module, State} <- [{tracers_code, x}, {lists, x}, {no_such_module, x}, {"text", x}]]),
    show([class(fun() -> erlang:trace_pattern({?MODULE, traced, 1}, true, [{meta, Module, State}]) end) ||
        {Module, State} <- [{tracers_code, x}, {lists, x}, {no_such_module, x}, {"text", x}]]),
    show([class(fun() -> seq_trace:set_system_tracer(T) end) || T <- [{tracers_code, x}, {lists, x}, {tracers_plain, x}]]),
    show(erlang:trace_info(self(), tracer)).

removed() ->
    % It says that it is no tracer any more
    Pid = spawn(fun loop/0),
    show(erlang:trace(Pid, true, [send, 'receive', {tracer, tracers_plain, {self(), remove}}])),
    show(erlang:trace_info(Pid, flags)),
    show(erlang:trace_info(Pid, tracer)),
    show(erlang:trace(Pid, true, [call, {tracer, tracers_plain, {self(), remove}}])),
    pattern(true, [local]),
    Pid ! {call, self()},
    receive called -> ok end,
    show(erlang:trace_info(Pid, flags)),
    % Another may take over from one that has gone, but not from one that is there
    show(erlang:trace(Pid, true, [call, {tracer, tracers_plain, {self(), remove}}])),
    show(erlang:trace(Pid, true, [call, {tracer, tracers_plain, {self(), trace}}])),
    show(mask(tracers_plain, erlang:trace_info(Pid, tracer))),
    show(erlang:trace(Pid, true, [send, {tracer, tracers_plain, {self(), trace}}])),
    show(class(fun() -> erlang:trace(Pid, true, [call, {tracer, tracers_split, {self(), trace}}]) end)),
    show(erlang:trace_info(Pid, flags)),
    % New processes
    show(erlang:trace(new_processes, true, [send, {tracer, tracers_plain, {self(), remove}}])),
    show(erlang:trace_info(new_processes, flags)),
    show(erlang:trace(new_processes, true, [send, {tracer, tracers_plain, {self(), [send]}}])),
    show(mask(tracers_plain, [erlang:trace_info(new_processes, flags), erlang:trace_info(new_processes, tracer)])),
    Self = self(),
    New = spawn(fun() -> Self ! from_new end),
    erlang:trace(new_processes, false, [all]),
    show(mask(New, [receive from_new -> from_new end, told(New)])),
    % erl_tracer is one that stands for pids
    show(erlang:trace(Pid, false, [all])),
    show(erlang:trace(Pid, true, [send, {tracer, erl_tracer, self()}])),
    show(erlang:trace_info(Pid, tracer) =:= {tracer, self()}),
    show(erlang:trace(Pid, false, [all])),
    show(erlang:trace(Pid, true, [send, {tracer, erl_tracer, something}])),
    show(erlang:trace_info(Pid, tracer)),
    pattern(false, [local]),
    exit(Pid, kill).

%% Match specifications that name one
given() ->
    Self = self(),
    erlang:trace_pattern({?MODULE, traced, 1}, [{['$1'], [], [{trace, '$1', '$1'}]}], [meta]),
    show(class(fun() -> traced([]) end)),
    erlang:trace_pattern({?MODULE, traced, 1},
        [{['_'], [], [{trace, [], [send, {{tracer, tracers_plain, {{Self, trace}}}}]}]}], [{meta, Self}]),
    Pid = spawn(fun() -> traced(1), Self ! sent, receive after infinity -> ok end end),
    receive sent -> ok end,
    show(erlang:trace_info(Pid, flags)),
    show(mask(tracers_plain, erlang:trace_info(Pid, tracer))),
    erlang:trace_pattern({?MODULE, traced, 1}, false, [meta]),
    show(mask(Pid, [E || E <- told(Pid), element(1, E) =:= trace])),
    exit(Pid, kill).

%% The module's code goes
unloaded() ->
    Pid = spawn(fun loop/0),
    erlang:trace(Pid, true, [send, 'receive', {tracer, tracers_plain, {self(), trace}}]),
    Pid ! {call, self()},
    receive called -> ok end,
    show(length(told(Pid))),
    code:purge(tracers_plain),
    show(code:delete(tracers_plain)),
    Pid ! {call, self()},
    receive called -> ok end,
    show(told(Pid)),
    show(erlang:trace_info(Pid, tracer)),
    show(class(fun() -> erts_internal:trace(Pid, true, [send, {tracer, tracers_plain, {self(), trace}}]) end)),
    code:purge(tracers_plain),
    % trace/3 loads it again
    show(erlang:trace(Pid, true, [send, {tracer, tracers_plain, {self(), trace}}])),
    Pid ! {call, self()},
    receive called -> ok end,
    show(length(told(Pid))),
    exit(Pid, kill).

erl_tracer_functions() ->
    Gone = spawn(fun() -> ok end),
    Alive = spawn(fun loop/0),
    timer:sleep(50),
    Asked = [erl_tracer:enabled(Tag, Tracer, Tracee) || Tag <- [trace_status, call], Tracer <- [Alive, Gone, foo, -1], Tracee <- [Alive, self()]],
    Told = erl_tracer:trace(call, self(), Alive, {m, f, []}, #{extra => more, match_spec_result => result}),
    Last = receive {trace, Alive, call, Term, Extra, Result} -> {Term, Extra, Result} after 1000 -> nothing end,
    exit(Alive, kill),
    {Asked, Told, Last}.

%% ---- helpers

run(M, Wanted, Flags, Fun) -> show(collect(M, Wanted, Flags, Fun)).

%% What the tracer is told of a process that runs Fun.
collect(M, Wanted, Flags, Fun) ->
    {Pid, Monitor} = spawn_monitor(fun() -> receive go -> Fun() end end),
    1 = erlang:trace(Pid, true, [{tracer, M, {self(), Wanted}} | Flags]),
    Pid ! go,
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    mask(Pid, told(Pid)).

told(Pid) ->
    Ref = erlang:trace_delivered(Pid),
    receive {trace_delivered, Pid, Ref} -> ok end,
    flush().

flush() -> receive E when E =/= called -> [E | flush()] after 0 -> [] end.

%% Pids and ports by what they are
mask(Pid, Term) -> mask_term(Term, Pid).

mask_term(P, P) when is_pid(P) -> tracee;
mask_term(P, _) when is_pid(P) -> case P =:= self() of true -> main; false -> a_pid end;
mask_term(P, _) when is_port(P) -> a_port;
mask_term(F, _) when is_function(F) -> a_fun;
mask_term(L, P) when is_list(L) -> [mask_term(E, P) || E <- L];
mask_term(M, P) when is_map(M) -> maps:map(fun(_, V) -> mask_term(V, P) end, M);
mask_term(T, P) when is_tuple(T) -> list_to_tuple(mask_term(tuple_to_list(T), P));
mask_term(T, _) -> T.

pattern(Spec, Flags) -> [erlang:trace_pattern({?MODULE, F, 1}, Spec, Flags) || F <- [traced, other, fails]].

traced(X) -> other(X) + 1.
other(X) -> X.
fails(X) -> error({fails, X}).

loop() -> receive {call, From} -> ?MODULE:traced(7), From ! called, loop(); _ -> loop() end.
ignore() -> receive _ -> ignore() end.

class(F) -> try F() of V -> {returned, V} catch C:R -> {C, R} end.

show(T) -> io:format("~0tp~n", [T]).
