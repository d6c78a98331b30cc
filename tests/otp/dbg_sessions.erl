%% dbg and tprof on sessions of tracing: OTP 27 and later.
-module(dbg_sessions).
-export([main/0, f/1]).

f(X) -> X.

main() ->
    Worker = spawn(fun F() -> receive {go, X} -> ?MODULE:f(X), F() end end),
    S = trace:session_create(x, self(), []),
    trace:process(S, Worker, true, [call]),
    trace:function(S, {?MODULE, f, 1}, true, []),
    Worker ! {go, 1},
    timer:sleep(10),
    R = erlang:trace_delivered(Worker),
    receive {trace_delivered, Worker, R} -> ok end,
    told(),
    trace:session_destroy(S),
    {ok, _} = dbg:tracer(process, {fun(E, N) -> io:format("dbg ~p ~p~n", [element(4, E), N]), N + 1 end, 0}),
    dbg:p(Worker, c),
    dbg:tp(?MODULE, f, 1, []),
    Worker ! {go, 2},
    timer:sleep(50),
    dbg:stop(),
    D = dbg:session_create(my),
    dbg:session(D, fun() ->
        dbg:tracer(process, {fun(E, N) -> io:format("my ~p ~p~n", [element(4, E), N]), N + 1 end, 0}),
        dbg:p(Worker, c),
        dbg:tp(?MODULE, f, 1, x)
    end),
    Worker ! {go, 3},
    timer:sleep(50),
    io:format("~p~n", [[Name || {Name, _} <- trace:session_info(Worker)]]),
    dbg:session_destroy(D),
    Worker ! {go, 4},
    timer:sleep(50),
    told(),
    {2, {Kind, Profile}} = tprof:profile(fun() -> ?MODULE:f(1), ?MODULE:f(2) end, #{type => call_count, report => return, pattern => [{?MODULE, f, 1}]}),
    io:format("~p ~p~n", [Kind, Profile]),
    {_, {Kind2, [{_, _, _, Timed}]}} = tprof:profile(fun() -> ?MODULE:f(1), ?MODULE:f(2) end, #{type => call_time, report => return, pattern => [{?MODULE, f, 1}]}),
    io:format("~p ~p~n", [Kind2, [Count || {_, Count, _} <- Timed]]).

told() -> receive E -> io:format("~p~n", [element(4, E)]), told() after 0 -> ok end.
