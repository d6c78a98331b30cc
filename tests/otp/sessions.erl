%% Trace sessions of OTP 27 and later.
-module(sessions).
-export([main/0, f/1, g/1, fails/1]).

f(X) -> Y = g(X), {f, Y}.
g(X) -> X + 1.
fails(X) -> throw(X).

main() ->
    Main = self(),
    [T1, T2, T3] = [spawn_link(fun() -> collect([]) end) || _ <- [1, 2, 3]],
    Names = [{Main, main}, {T1, t1}, {T2, t2}, {T3, t3}],
    S1 = trace:session_create(one, T1, []),
    S2 = trace:session_create(two, T2, []),
    say("handle", {tuple_size(S1), [weak(S1), weak(S2)]}),
    [say("bad", caught(fun() -> trace:session_create(N, T, O) end)) ||
        {N, T, O} <- [{"name", T1, []}, {x, nothing, []}, {x, T1, [opt]}, {x, T1, foo}]],
    say("all", trace:session_info(all)),

    io:format("-- calls~n"),
    say("flags", [trace:process(S1, Main, true, [call, return_to]), trace:process(S2, Main, true, [call, arity]),
                  erlang:trace(Main, true, [call, {tracer, T3}])]),
    say("functions", [trace:function(S1, {?MODULE, g, 1}, [], [local]),
                      [trace:function(S2, {?MODULE, F, 1}, [{'_', [], [{exception_trace}, {message, {caller}}]}], [local]) || F <- [f, g, fails]],
                      erlang:trace_pattern({?MODULE, f, 1}, [{[3], [], [{return_trace}]}], [global])]),
    ?MODULE:f(1), ?MODULE:f(3), catch fails(x),
    tell([T1, T2, T3], Names),
    say("infos", [[trace:info(S, W, K) || S <- [S1, S2]] ||
                     {W, K} <- [{Main, flags}, {{?MODULE, g, 1}, traced}, {{?MODULE, g, 1}, match_spec}, {{?MODULE, f, 1}, traced},
                                {{?MODULE, f, 1}, all}, {{?MODULE, no, 1}, traced}, {new, flags}, {send, match_spec}, {on_load, traced}]]),
    say("tracers", [proplists:get_value(P, Names) || {tracer, P} <- [trace:info(S1, Main, tracer), trace:info(S2, Main, tracer), erlang:trace_info(Main, tracer)]]),
    say("who", [trace:session_info(W) || W <- [Main, {?MODULE, g, 1}, {?MODULE, f, 1}, {?MODULE, main, 0}, {?MODULE, no, 1}, new, send, 'receive', on_load]]),
    say("errors", [caught(F) || F <- [fun() -> trace:process(S1, Main, true, [{tracer, T3}]) end, fun() -> trace:process(S1, foo, true, [call]) end,
                                      fun() -> trace:process(no_session, Main, true, [call]) end, fun() -> trace:process(S1, Main, maybe_, [call]) end,
                                      fun() -> trace:function(S1, {?MODULE, g, 1}, true, [{meta, T3}]) end, fun() -> trace:function(S1, foo, true, []) end,
                                      fun() -> trace:function({one, 77}, {?MODULE, g, 1}, true, []) end, fun() -> trace:info(S1, foo, flags) end,
                                      fun() -> trace:session_info(foo) end, fun() -> trace:session_info({a, b}) end]]),

    io:format("-- one ends~n"),
    say("destroy", [trace:session_destroy(S2), trace:session_destroy(S2)]),
    say("who", [trace:session_info(W) || W <- [all, Main, {?MODULE, g, 1}, {?MODULE, f, 1}]]),
    say("destroyed", [caught(fun() -> trace:process(S2, Main, true, [call]) end), caught(fun() -> trace:info(S2, Main, flags) end)]),
    ?MODULE:f(3), catch fails(x),
    tell([T1, T2, T3], Names),
    erlang:trace(Main, false, [all]), erlang:trace_pattern({?MODULE, f, 1}, false, [global]),

    io:format("-- messages~n"),
    S3 = trace:session_create(three, T3, []),
    trace:process(S1, Main, false, [all]),
    trace:process(S1, Main, true, [send, 'receive']), trace:process(S3, Main, true, [send]),
    trace:send(S1, [{['_', {a, '$1'}], [], [{message, '$1'}]}], []), trace:recv(S1, [{['_', Main, {a, '_'}], [], []}], []),
    Main ! {a, 1}, Main ! {b, 2},
    receive {a, 1} -> ok end, receive {b, 2} -> ok end,
    say("patterns", [show(trace:info(S, W, match_spec), Names) || S <- [S1, S3], W <- [send, 'receive']]),
    trace:process(S1, Main, false, [all]), trace:process(S3, Main, false, [all]),
    tell([T1, T3], Names),

    io:format("-- new processes~n"),
    trace:process(S1, new, true, [procs]), trace:process(S3, Main, true, [procs, set_on_spawn]),
    P = spawn(fun() -> receive stop -> ok end end),
    say("flags", [{S, trace:info(H, P, flags)} || {S, H} <- [{one, S1}, {three, S3}]]),
    say("who", trace:session_info(P)),
    trace:process(S1, new, false, [procs]),
    M = monitor(process, P), P ! stop, receive {'DOWN', M, _, _, _} -> ok end,
    trace:process(S3, Main, false, [all]),
    tell([T1, T3], [{P, child} | Names]),

    io:format("-- counts~n"),
    [trace:function(S, {?MODULE, g, 1}, true, [call_count, call_time]) || S <- [S1, S3]],
    trace:process(S1, Main, true, [call]),
    g(1), g(2), trace:function(S3, {?MODULE, g, 1}, restart, [call_count]), g(3),
    say("counts", [trace:info(S, {?MODULE, g, 1}, call_count) || S <- [S1, S3]]),
    say("times", [[{proplists:get_value(Who, Names), N} || {Who, N, _, _} <- element(2, trace:info(S, {?MODULE, g, 1}, call_time))] || S <- [S1, S3]]),
    trace:process(S1, Main, false, [all]),

    io:format("-- ports~n"),
    trace:port(S1, new, true, [ports, send]),
    Port = open_port({spawn, "cat"}, [binary]),
    Port ! {Main, {command, <<"hello">>}}, receive {Port, {data, _}} -> ok end,
    port_close(Port),
    trace:port(S1, new, false, [all]),
    tell([T1], [{Port, port} | Names]),

    io:format("-- the tracer ends~n"),
    T4 = spawn(fun() -> collect([]) end),
    S4 = trace:session_create(four, T4, []),
    trace:process(S4, Main, true, [call]), trace:function(S4, {?MODULE, f, 1}, true, []),
    exit(T4, kill), wait_dead(T4),
    ?MODULE:f(1), say("flags", trace:info(S4, Main, flags)), say("who", trace:session_info({?MODULE, f, 1})),

    io:format("-- handles that are dropped~n"),
    spawn_monitor(fun() -> S = trace:session_create(dropped, T1, []), trace:process(S, Main, true, [call]), trace:function(S, {?MODULE, f, 1}, true, []) end),
    receive {'DOWN', _, _, _, _} -> ok end,
    dropped(50),
    say("who", [trace:session_info(W) || W <- [Main, {?MODULE, f, 1}]]),
    say("by name", [trace:session_destroy(weak(S3)), trace:session_info(all)]),
    [trace:session_destroy(S) || S <- [S1, S4]],
    say("none", trace:session_info(all)).

weak({_, Weak}) -> Weak.

dropped(0) -> say("still there", trace:session_info(all));
dropped(N) -> lists:keymember(dropped, 1, trace:session_info(all)) andalso begin timer:sleep(20), dropped(N - 1) end.

wait_dead(P) -> is_process_alive(P) andalso begin erlang:yield(), wait_dead(P) end.

say(Title, Value) -> io:format("~ts: ~p~n", [Title, Value]).

caught(F) ->
    try F() catch C:E:S ->
        {M, N, A, I} = hd(S),
        {C, E, {M, N, if is_list(A) -> length(A); true -> A end}, proplists:get_value(error_info, I, none)}
    end.

collect(L) ->
    receive
        {all, From} -> From ! {self(), lists:reverse(L)}, collect([]);
        E -> collect([E | L])
    end.

tell(Tracers, Names) ->
    D = erlang:trace_delivered(all), receive {trace_delivered, all, D} -> ok end,
    [begin
         T ! {all, self()},
         receive {T, Events} -> ok end,
         {T, Name} = lists:keyfind(T, 1, Names),
         [io:format("~p ~p~n", [Name, show(E, Names)]) || E <- Events]
     end || T <- Tracers].

show(P, Names) when is_pid(P) -> proplists:get_value(P, Names, pid);
show(P, Names) when is_port(P) -> proplists:get_value(P, Names, port);
show(F, _) when is_function(F) -> 'fun';
show(R, _) when is_reference(R) -> ref;
show([H | T], Names) -> [show(H, Names) | show(T, Names)];
show(T, Names) when is_tuple(T) -> list_to_tuple(show(tuple_to_list(T), Names));
show(X, _) -> X.
