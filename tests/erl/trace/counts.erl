%% call_count, call_time, meta.
-module(counts).
-export([main/0, f/1, g/1, tree/1, slow/1]).

f(X) -> g(X) + g(X).
g(X) -> X.
tree(0) -> 1;
tree(N) -> tree(N - 1) + tree(N - 1).
slow(0) -> ok;
slow(N) -> lists:seq(1, 50), slow(N - 1).

main() ->
    io:format("~p~n", [erlang:trace_pattern({?MODULE, '_', '_'}, true, [call_count]) > 5]),
    f(1), f(2), ?MODULE:f(3),
    tree(4),
    P = spawn(?MODULE, tree, [3]), wait(P),
    counts(),
    erlang:trace_pattern({?MODULE, f, 1}, pause, [call_count]),
    f(1), counts(),
    erlang:trace_pattern({?MODULE, f, 1}, restart, [call_count]),
    f(1), counts(),
    erlang:trace_pattern({?MODULE, '_', '_'}, false, [call_count]),
    f(1), counts(),
    erlang:trace_pattern({?MODULE, f, 1}, restart, [call_count]),
    f(1), counts(),
    io:format("~p~n", [erlang:trace_pattern({lists, reverse, 1}, true, [call_count])]),
    lists:reverse([]), lists:reverse([1]),
    io:format("~p~n", [erlang:trace_info({lists, reverse, 1}, call_count)]),
    erlang:trace_pattern({lists, reverse, 1}, false, [call_count]),
    times(), meta().

counts() -> io:format("~p~n", [[erlang:trace_info({?MODULE, F, 1}, call_count) || F <- [f, g, tree]]]).

wait(P) -> M = monitor(process, P), receive {'DOWN', M, process, P, _} -> ok end.

times() ->
    erlang:trace_pattern({?MODULE, '_', '_'}, true, [call_time]),
    Me = self(),
    P = spawn(fun() -> receive go -> ok end, slow(2000), tree(5), catch_it(), Me ! {done, self()}, receive stop -> ok end end),
    Q = spawn(fun() -> slow(10) end), wait(Q),
    1 = erlang:trace(P, true, [call]),
    P ! go, receive {done, P} -> ok end,
    erlang:trace_delivered(P), receive {trace_delivered, P, _} -> ok end,
    [begin
        {call_time, L} = erlang:trace_info({?MODULE, F, A}, call_time),
        io:format("~p ~p~n", [F, [{C, (S * 1000000 + U) > Least} || {Pid, C, S, U} <- L, Pid =:= P]])
     end || {F, A, Least} <- [{slow, 1, 50}, {tree, 1, -1}, {g, 1, -1}, {thrower, 0, -1}]],
    erlang:trace_pattern({?MODULE, slow, 1}, restart, [call_time]),
    io:format("~p~n", [erlang:trace_info({?MODULE, slow, 1}, call_time)]),
    erlang:trace_pattern({?MODULE, '_', '_'}, false, [call_time]),
    io:format("~p~n", [erlang:trace_info({?MODULE, slow, 1}, call_time)]),
    P ! stop, wait(P).

catch_it() -> catch thrower().
thrower() -> throw(x).

meta() ->
    Me = self(),
    io:format("~p~n", [erlang:trace_pattern({?MODULE, g, 1}, [{[1], [], [{return_trace}]}, {[2], [], [{message, {caller}}]}], [meta])]),
    T = spawn(fun() -> collect(Me) end),
    io:format("~p~n", [erlang:trace_pattern({?MODULE, f, 1}, [{'_', [], [{exception_trace}]}], [{meta, T}])]),
    P = spawn(fun() -> f(1), f(2), f(3), catch ?MODULE:f(a) end), wait(P),
    [show(E, P) || E <- traced:flush(P)],
    T ! stop, receive {T, L} -> [show(E, P) || E <- L] end,
    wait(T),
    spawn(fun() -> f(1) end),
    io:format("~p~n", [element(2, erlang:trace_info({?MODULE, f, 1}, meta_match_spec))]),
    io:format("~p~n", [erlang:trace_pattern({?MODULE, '_', '_'}, false, [meta]) > 5]),
    io:format("~p~n", [erlang:trace_info({?MODULE, f, 1}, meta)]).

collect(Me) -> receive stop -> Me ! {self(), traced:drain()} end.

show(E, P) ->
    trace_ts = element(1, E),
    {_, _, _} = element(tuple_size(E), E),
    traced:print(traced:show(erlang:delete_element(tuple_size(E), E), [{P, tracee}])).
