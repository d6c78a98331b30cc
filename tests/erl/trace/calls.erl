%% Calls through exports and inside a module, with and without match specifications.
-module(calls).
-export([main/0, exported/1, last/1, loop/2, thrower/1, catcher/1, nested/1, ets_like/2, bits/1]).

main() ->
    global(), local(), specs(), returns(), exceptions(), loops(), bifs(), contexts(), applies(), funs(), none(), silent().

exported(X) -> inner(X) + 1.
inner(X) -> X * 2.
last(X) -> inner(X).
loop(0, A) -> A;
loop(N, A) -> loop(N - 1, A + N).
thrower(X) -> throw({thrown, X}).
catcher(X) -> try nested(X) catch C:R -> {C, R} end.
nested(X) -> 1 + thrower(X).
ets_like(A, B) -> {A, B}.
bits(B) -> bits(B, 0).
bits(<<N, R/binary>>, A) -> bits(R, A + N);
bits(<<>>, A) -> A.

off() ->
    erlang:trace_pattern({'_', '_', '_'}, false, [local, meta, call_count, call_time]),
    erlang:trace_pattern({'_', '_', '_'}, false, []),
    ok.

global() ->
    io:format("~p~n", [erlang:trace_pattern({?MODULE, exported, 1}, true, [])]),
    traced:run("global: only calls from outside", [call], fun() -> ?MODULE:exported(1), exported(2), ?MODULE:last(3) end),
    io:format("~p~n", [erlang:trace_pattern({?MODULE, inner, 1}, true, [])]),
    io:format("~p~n", [erlang:trace_pattern({?MODULE, '_', '_'}, true, [global]) > 5]),
    traced:run("global: all exports", [call, arity], fun() -> ?MODULE:exported(1), ?MODULE:last(3), ?MODULE:loop(3, 0) end),
    off(),
    traced:run("off", [call], fun() -> ?MODULE:exported(1) end).

local() ->
    io:format("~p~n", [erlang:trace_pattern({?MODULE, inner, 1}, true, [local])]),
    io:format("~p~n", [erlang:trace_pattern({?MODULE, exported, '_'}, true, [local])]),
    traced:run("local", [call], fun() -> ?MODULE:exported(1), exported(2), last(3) end),
    traced:run("local, return_to", [call, return_to], fun() -> ?MODULE:exported(1), exported(2), last(3), ok end),
    off().

specs() ->
    Spec = fun(F, S) ->
        io:format("~p~n", [try erlang:trace_pattern({?MODULE, F, '_'}, S, [local]) catch C:R -> {C, R} end])
    end,
    Spec(ets_like, [{[1, '_'], [], []}, {['$1', '$1'], [{is_atom, '$1'}], [{message, {{same, '$1'}}}]},
                    {['_', no], [], [{message, false}]}, {'_', [], [{message, {caller}}]}]),
    traced:run("match", [call], fun() ->
        ets_like(1, 2), ets_like(a, a), ets_like(x, no), ets_like(u, v), ?MODULE:ets_like([], {})
    end),
    Spec(ets_like, [{'$1', [{'==', {length, '$1'}, 2}], [{message, '$_'}, {message, '$$'}]}]),
    traced:run("whole", [call], fun() -> ets_like(u, v) end),
    Spec(ets_like, [{['$1', '$2'], [], [{message, {{{self}, '$2', '$1'}}}]}]),
    traced:run("self", [call], fun() -> ets_like(u, v) end),
    Spec(ets_like, [{['$1', '$2'], [], [{message, {caller_line}}]}]),
    traced:run("caller_line", [call], fun() -> catcher2(5) end),
    Spec(ets_like, [{'_', [], [{set_tcw, 17}, {message, {get_tcw}}]}]),
    traced:run("tcw", [call], fun() -> ets_like(5, 5) end),
    io:format("~p~n", [erlang:system_info(trace_control_word)]),
    erlang:system_flag(trace_control_word, 0),
    Spec(ets_like, [{['$1', '_'], [{'>', {get_tcw}, 0}], []}]),
    traced:run("guard of tcw", [call], fun() -> ets_like(5, 5) end),
    Spec(ets_like, [{'_', [], [{message, {element, 3, {{1, 2}}}}]}]),
    traced:run("failure in the body", [call], fun() -> ets_like(5, 5) end),
    Spec(ets_like, [{'_', [], [{no_such, 1}]}]),
    Spec(ets_like, nonsense),
    off().

catcher2(X) ->
    ets_like(X, X),
    ok.

returns() ->
    R = [{'_', [], [{return_trace}]}],
    erlang:trace_pattern({?MODULE, inner, 1}, R, [local]),
    erlang:trace_pattern({?MODULE, exported, 1}, R, [local]),
    erlang:trace_pattern({?MODULE, last, 1}, R, [local]),
    erlang:trace_pattern({lists, seq, 2}, R, [local]),
    traced:run("return_trace", [call], fun() -> ?MODULE:exported(1), last(3), lists:seq(1, 3) end),
    traced:run("return_trace, return_to", [call, return_to], fun() -> ?MODULE:exported(1), last(3), ok end),
    erlang:trace_pattern({?MODULE, inner, 1}, [{'_', [], [{return_trace}, {message, false}]}], [local]),
    traced:run("return_trace without message", [call, return_to], fun() -> ?MODULE:exported(1) end),
    erlang:trace_pattern({?MODULE, inner, 1}, [{[2], [], [{return_trace}, {message, {caller}}]}], [local]),
    traced:run("some", [call], fun() -> ?MODULE:exported(1), ?MODULE:exported(2) end),
    off().

exceptions() ->
    X = [{'_', [], [{exception_trace}]}],
    erlang:trace_pattern({?MODULE, thrower, 1}, X, [local]),
    erlang:trace_pattern({?MODULE, nested, 1}, X, [local]),
    erlang:trace_pattern({?MODULE, catcher, 1}, X, [local]),
    traced:run("exception_trace", [call], fun() -> ?MODULE:catcher(1) end),
    traced:run("exception_trace, return_to", [call, return_to], fun() -> ?MODULE:catcher(1), ok end),
    traced:run("exception_trace, uncaught", [call], fun() -> (catch error(first)), ?MODULE:nested(2) end),
    erlang:trace_pattern({?MODULE, nested, 1}, [{'_', [], [{return_trace}]}], [local]),
    traced:run("return_trace sees no exception", [call], fun() -> catch ?MODULE:nested(2) end),
    erlang:trace_pattern({erlang, error, 1}, X, []),
    traced:run("error/1", [call], fun() ->
        (catch error(dynamic(one))), try error(dynamic(two)) catch error:two:S -> io:format("~p~n", [hd(S)]) end
    end),
    off().

loops() ->
    erlang:trace_pattern({?MODULE, loop, 2}, true, [local]),
    traced:run("a loop", [call], fun() -> loop(3, 0) end),
    erlang:trace_pattern({?MODULE, loop, 2}, [{'_', [], [{return_trace}]}], [local]),
    traced:run("a loop that returns", [call], fun() -> ?MODULE:loop(3, 0) end),
    off(),
    %% Seen in the middle of a loop.
    Me = self(),
    P = spawn(fun() -> server(0) end),
    P ! {Me, one}, receive {P, A} -> io:format("~p~n", [A]) end,
    erlang:trace(P, true, [call]),
    erlang:trace_pattern({?MODULE, server, 1}, true, [local]),
    P ! {Me, two}, receive {P, B} -> io:format("~p~n", [B]) end,
    P ! {Me, three}, receive {P, C} -> io:format("~p~n", [C]) end,
    [traced:print(traced:show(E, [{P, server}])) || E <- traced:flush(P)],
    off(),
    P ! {Me, four}, receive {P, D} -> io:format("~p~n", [D]) end,
    [traced:print(traced:show(E, [{P, server}])) || E <- traced:flush(P)],
    exit(P, kill).

server(N) ->
    receive {From, X} -> From ! {self(), {X, N}} end,
    server(N + 1).

bifs() ->
    io:format("~p~n", [erlang:trace_pattern({erlang, atom_to_list, 1}, true, [])]),
    io:format("~p~n", [erlang:trace_pattern({lists, reverse, 2}, [{'_', [], [{return_trace}]}], [local])]),
    traced:run("BIFs", [call], fun() ->
        atom_to_list(dynamic(abc)), apply(dynamic(erlang), atom_to_list, [def]), M = dynamic(erlang), M:atom_to_list(ghi),
        lists:reverse(dynamic([a, b]), []), (catch atom_to_list(dynamic(1))), X = atom_to_list(dynamic(tail)), X
    end),
    off(),
    erlang:trace_pattern({erlang, atom_to_list, 1}, [{'_', [], [{exception_trace}]}], [local]),
    traced:run("BIFs, local", [call, return_to], fun() ->
        {atom_to_list(dynamic(abc)), (catch atom_to_list(dynamic(2)))}
    end),
    off(),
    traced:run("off", [call], fun() -> atom_to_list(dynamic(abc)) end).

%% What the compiler cannot know.
dynamic(X) -> persistent_term:put(?MODULE, X), persistent_term:get(?MODULE).

contexts() ->
    erlang:trace_pattern({?MODULE, bits, 2}, true, [local]),
    traced:run("match contexts", [call], fun() -> bits(<<1, 2, 3>>) end),
    erlang:trace_pattern({?MODULE, bits, 2}, [{['$1', '_'], [{'==', {byte_size, '$1'}, 2}], [{message, '$1'}]}], [local]),
    traced:run("match contexts in a specification", [call], fun() -> bits(<<1, 2, 3>>) end),
    off().

applies() ->
    erlang:trace_pattern({?MODULE, exported, 1}, true, []),
    traced:run("apply", [call], fun() ->
        apply(?MODULE, exported, [1]), M = ?MODULE, M:exported(2), F = fun ?MODULE:exported/1, F(3), apply(F, [4]),
        {P, R} = spawn_monitor(?MODULE, exported, [5]), receive {'DOWN', R, process, P, _} -> ok end
    end),
    off().

funs() ->
    N = erlang:trace_pattern({?MODULE, '_', '_'}, [{['_', '_', '_'], [], [{return_trace}]}], [local]),
    io:format("~p~n", [N > 10]),
    traced:run("free variables", [call], fun() ->
        A = dynamic(7), B = dynamic(b),
        F = fun(X) -> {X, A, B} end,
        F(1), lists:map(F, [2])
    end),
    off().

none() ->
    traced:run("patterns without flags", [send], fun() -> ?MODULE:exported(1) end),
    erlang:trace_pattern({?MODULE, exported, 1}, true, [local]),
    P = spawn(?MODULE, exported, [1]),
    {_, R} = {P, monitor(process, P)},
    receive {'DOWN', R, process, P, _} -> ok end,
    io:format("~p~n", [traced:drain()]),
    off().

silent() ->
    erlang:trace_pattern({?MODULE, exported, 1}, [{[1], [], [{silent, true}]}, {[2], [], [{silent, false}]}, {'_', [], []}], [local]),
    traced:run("silent", [call], fun() ->
        exported(0), exported(1), exported(5), exported(2), exported(6)
    end),
    erlang:trace_pattern({?MODULE, exported, 1}, [{[1], [], [{enable_trace, return_to}]}, {[2], [], [{disable_trace, return_to}]},
        {[3], [], [{trace, [call], [send]}]}, {'_', [], []}], [local]),
    traced:run("flags from specifications", [call], fun() ->
        exported(0), exported(1), exported(5), exported(2), exported(6), exported(3), exported(7), self() ! message
    end),
    off().
