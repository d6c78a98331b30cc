%% Patterns and flags that come and go while many processes run what is traced.
-module(tracing).
-export([main/0, work/2, leaf/1, loop/2]).

main() ->
    Me = self(),
    T = spawn(fun() -> sink(0) end),
    Workers = [spawn_link(?MODULE, work, [Me, 300]) || _ <- lists:seq(1, 8)],
    Switch = spawn_link(fun() -> switch(Workers, T, 0) end),
    Load = spawn_link(fun() -> patterns(0) end),
    Results = [receive {W, R} -> R end || W <- Workers],
    io:format("~p~n", [lists:usort(Results)]),
    [begin unlink(P), exit(P, kill), M = monitor(process, P), receive {'DOWN', M, _, _, _} -> ok end end || P <- [Switch, Load]],
    erlang:trace_pattern({'_', '_', '_'}, false, [local, meta, call_count, call_time]),
    erlang:trace_pattern({?MODULE, '_', '_'}, false, []),
    erlang:trace(all, false, [all]),
    R = erlang:trace_delivered(all), receive {trace_delivered, all, R} -> ok end,
    exit(T, kill),
    io:format("~p ~p~n", [erlang:trace_info({?MODULE, leaf, 1}, traced), erlang:trace_info(new, flags)]).

work(To, N) -> To ! {self(), [catch_it(N, I) || I <- lists:seq(1, N)]}.

catch_it(N, I) ->
    {?MODULE:loop(I rem 20, 0), ?MODULE:leaf(N), (catch ?MODULE:leaf(bad)), element(1, spawn_one()), lists:reverse([I, N])}.

spawn_one() -> P = spawn(?MODULE, leaf, [1]), {monitor(process, P) =/= P}.

leaf(X) when is_integer(X) -> X + 1;
leaf(X) -> throw({no, X}).

loop(0, A) -> A;
loop(N, A) -> loop(N - 1, A + N).

switch(Ws, T, N) ->
    [catch erlang:trace(W, N rem 3 =/= 0, [call, return_to, procs, send, 'receive', set_on_spawn, garbage_collection, {tracer, T}]) || W <- Ws],
    N rem 5 =:= 0 andalso erlang:trace(all, false, [all]),
    switch(Ws, T, N + 1).

patterns(N) ->
    Spec = [{'_', [], [{return_trace}, {exception_trace}, {message, {caller}}]}],
    case N rem 6 of
        0 -> erlang:trace_pattern({?MODULE, leaf, 1}, Spec, [local]);
        1 -> erlang:trace_pattern({?MODULE, leaf, 1}, true, []);
        2 -> erlang:trace_pattern({?MODULE, loop, 2}, Spec, [local, call_count]);
        3 -> erlang:trace_pattern({lists, reverse, 1}, Spec, [local]), erlang:trace_pattern({lists, reverse, 2}, Spec, [local]);
        4 -> erlang:trace_pattern({?MODULE, '_', '_'}, true, [call_time]);
        5 -> erlang:trace_pattern({?MODULE, '_', '_'}, false, [local, call_time, call_count]),
             erlang:trace_pattern({lists, '_', '_'}, false, [local])
    end,
    erlang:yield(),
    patterns(N + 1).

sink(N) -> receive _ -> sink(N + 1) end.
