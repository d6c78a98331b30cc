%% OTP's own tracer library, dyntrace of runtime_tools: without probes in the system it is there, and is no tracer.
%% OTP profile only
-module(dyntrace_use).
-export([main/0, f/1]).

main() ->
    show(code:ensure_loaded(dyntrace)),
    show([catch dyntrace:available(), class(fun() -> dyntrace:user_trace_s1("text") end), class(fun() -> dyntrace:p() end), class(fun() -> dyntrace:p(1, "x") end)]),
    show([class(fun() -> dyntrace:enabled(Tag, state, self()) end) || Tag <- [trace_status, call, send]]),
    show(class(fun() -> dyntrace:trace(call, state, self(), {m, f, []}, #{}) end)),
    P = spawn(fun loop/0),
    show(class(fun() -> erlang:trace(P, true, [call, send, {tracer, dyntrace, []}]) end)),
    show([erlang:trace_info(P, K) || K <- [flags, tracer]]),
    show(class(fun() -> erlang:trace(P, true, [call, send, {tracer, dyntrace, {some, [state]}}]) end)),
    erlang:trace_pattern({?MODULE, f, 1}, true, [local]),
    P ! {call, self()},
    show(receive M -> M after 5000 -> nothing end),
    show([erlang:trace_info(P, K) || K <- [flags, tracer]]),
    show(class(fun() -> erlang:trace_pattern({?MODULE, f, 1}, true, [{meta, dyntrace, []}]) end)),
    show(erlang:trace_info({?MODULE, f, 1}, meta)),
    show(f(1)),
    show(erlang:trace_info({?MODULE, f, 1}, meta)),
    show(class(fun() -> dbg:tracer(module, {dyntrace, []}), dbg:p(P, [call]), dbg:stop() end)),
    show(class(fun() -> seq_trace:set_system_tracer({dyntrace, []}) end)).

f(X) -> X.
loop() -> receive {call, From} -> From ! {called, ?MODULE:f(1)}, loop() end.
class(F) -> try F() of V -> {returned, V} catch C:R -> {C, R} end.
show(T) -> io:format("~0tp~n", [T]).
