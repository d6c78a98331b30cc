%% erts_debug:breakpoint/2, on which OTP's debugger rests: calls go to breakpoint/3 of the caller's error handler.
-module(debug_breakpoints).
-export([main/0, breakpoint/3, undefined_function/3]).

breakpoint(M, F, As) -> {stopped, M, F, As, process_info(self(), current_function)}.
undefined_function(M, F, As) -> error_handler:undefined_function(M, F, As).

main() ->
    Show = fun code_help:show/1,
    Set = fun(F, A, On) -> erts_debug:breakpoint({dbp, F, A}, On) end,
    Lines = ["-export([f/1, g/1, bits/1, mk/0]).", "f(X) -> {f, g(X), loop(X)}.", "g(X) -> {g, X}.", "loop(0) -> done;\nloop(X) -> loop(X - 1).",
             "bits(<<A, B/bits>>) -> {A, rest(B)}.", "rest(<<A, B/bits>>) -> [A | rest(B)];\nrest(<<>>) -> [].", "mk() -> fun(X) -> {inner, X} end."],
    [Show(fun() -> erts_debug:breakpoint(Name, On) end)
     || {Name, On} <- [{x, true}, {{dbp, '_', '_'}, yes}, {{dbp, a}, true}, {{'_', f, '_'}, true}, {{dbp, '_', 1}, true}, {{dbp, f, x}, true},
                       {{1, '_', '_'}, true}, {{no_such_module, '_', '_'}, true}, {{erlang, no_such, 3}, true}]],
    code_help:load(dbp, Lines),
    process_flag(error_handler, ?MODULE),
    Show(fun() -> {Set('_', '_', true), Set('_', '_', true)} end),
    Show(fun() -> {dbp:f(1), apply(dbp, f, [2]), (fun dbp:g/1)(3), lists:map(fun dbp:g/1, [4])} end),
    %% local calls, and calls that a function makes of itself
    Show(fun() -> {Set(f, 1, false), dbp:f(4), Set(g, 1, false), dbp:f(5), dbp:bits(<<1, 2, 3:7>>)} end),
    %% (OTP's JIT does not survive a stop of rest/1, whose argument is a match context)
    Show(fun() -> {Set(rest, 1, false), Set(bits, '_', false), dbp:bits(<<1, 2, 3>>)} end),
    Show(fun() -> {Set(mk, 0, false), (dbp:mk())(6)} end),
    %% traced as well
    Self = self(),
    Tracer = spawn_link(fun() -> collect(Self, []) end),
    erlang:trace_pattern({dbp, g, 1}, [{'_', [], [{return_trace}]}], [local]),
    erlang:trace(self(), true, [call, {tracer, Tracer}]),
    Show(fun() -> {Set(g, 1, true), dbp:g(9), erlang:trace_info({dbp, g, 1}, all)} end),
    erlang:trace(self(), false, [call]),
    erlang:trace_pattern({dbp, '_', '_'}, false, [local]),
    Show(fun() -> dbp:g(10) end),
    Tracer ! stop,
    receive {traced, Events} -> Show(fun() -> Events end) end,
    %% gone when it says so, and with the code
    Show(fun() -> {Set('_', '_', false), dbp:f(3), dbp:bits(<<1, 2>>), Set('_', '_', true), dbp:f(3)} end),
    code_help:load(dbp, Lines),
    Show(fun() -> dbp:f(3) end),
    %% of a BIF
    Show(fun() -> {erts_debug:breakpoint({binary, match, 2}, true), binary:match(<<"abc">>, <<"b">>), erts_debug:breakpoint({binary, match, 2}, false),
                   binary:match(<<"abc">>, <<"c">>)} end),
    code_help:purge(dbp).

collect(To, Events) ->
    receive
        stop -> To ! {traced, [setelement(2, E, tracee) || E <- lists:reverse(Events)]};
        E -> collect(To, [E | Events])
    end.
