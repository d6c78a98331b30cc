%% Trace sessions (OTP 27) whose tracer is a module: tests/nif/tracers_plain, which is built beside.
-module(module_sessions).
-export([main/0, f/1]).

main() ->
    show([code:ensure_loaded(M) || M <- [tracers_plain, tracers_code]]),
    show([class(fun() -> trace:session_create(name, T, []) end) || T <- [{tracers_code, x}, {lists, x}, {"text", x}, {tracers_plain, x, y}]]),
    S = trace:session_create(one, {tracers_plain, {self(), trace}}, []),
    Pid = spawn(fun loop/0),
    show([trace:process(S, Pid, true, [call, send]), trace:function(S, {?MODULE, f, 1}, [{'_', [], [{return_trace}]}], [local])]),
    show(mask(Pid, [trace:info(S, Pid, tracer), trace:info(S, Pid, flags)])),
    Pid ! {call, self()},
    show(mask(Pid, [receive called -> called end | told(Pid)])),
    show([class(fun() -> trace:process(S, Pid, true, [call, {tracer, self()}]) end), class(fun() -> trace:system(S, busy_port, true) end)]),
    show([trace:function(S, {?MODULE, f, 1}, true, [meta]), mask(Pid, trace:info(S, {?MODULE, f, 1}, meta))]),
    f(5),
    show(mask(Pid, told(Pid))),
    show([trace:session_destroy(S), erlang:trace_info(Pid, flags)]),
    Pid ! {call, self()},
    show(mask(Pid, [receive called -> called end | told(Pid)])),
    % Made by the session's tracer, removed when it says so
    Two = trace:session_create(two, {tracers_plain, {self(), remove}}, []),
    show([trace:process(Two, Pid, true, [call]), trace:info(Two, Pid, flags), trace:info(Two, Pid, tracer)]),
    show([trace:process(Two, new_processes, true, [call]), trace:info(Two, new_processes, flags)]),
    trace:session_destroy(Two),
    % Many states
    [begin {ok, _} = {ok, trace:session_create(many, {tracers_plain, {self(), N}}, [])} end || N <- lists:seq(1, 2000)],
    Three = trace:session_create(three, {tracers_plain, {self(), [send]}}, []),
    show([trace:process(Three, Pid, true, [send]), begin Pid ! {call, self()}, receive called -> ok end end, mask(Pid, told(Pid))]),
    trace:session_destroy(Three),  % which a collection would end, were it not named here
    exit(Pid, kill).

f(X) -> {f, X}.
loop() -> receive {call, From} -> ?MODULE:f(1), From ! called, loop() end.

told(Pid) ->
    Ref = erlang:trace_delivered(Pid),
    receive {trace_delivered, Pid, Ref} -> ok end,
    flush().
flush() -> receive {trace, E} -> [E | flush()] after 0 -> [] end.

mask(P, P) -> tracee;
mask(_, P) when is_pid(P) -> case P =:= self() of true -> main; false -> a_pid end;
mask(P, [H | T]) -> [mask(P, H) | mask(P, T)];
mask(P, M) when is_map(M) -> maps:map(fun(_, V) -> mask(P, V) end, M);
mask(P, T) when is_tuple(T) -> list_to_tuple(mask(P, tuple_to_list(T)));
mask(_, X) -> X.

class(F) -> try F() of V -> {returned, V} catch C:R -> {C, R} end.
show(T) -> io:format("~0tp~n", [T]).
