%% Sessions of tracing that come and go while processes and ports run what they trace.
-module(session_races).
-export([main/0, work/2, leaf/1, loop/2]).

main() ->
    Me = self(),
    Sink = spawn(fun() -> sink() end),
    Workers = [spawn_link(?MODULE, work, [Me, 200]) || _ <- lists:seq(1, 6)],
    Talker = spawn_link(fun() -> talk(Me, 60) end),
    Sessions = [spawn_link(fun() -> sessions(Sink, Workers, N) end) || N <- lists:seq(1, 3)],
    Results = [receive {W, R} -> R end || W <- Workers],
    io:format("~p~n", [lists:usort([erlang:phash2(R) || R <- Results]) =:= [erlang:phash2(hd(Results))]]),
    receive {Talker, Talk} -> io:format("~p~n", [Talk]) end,
    [begin unlink(P), exit(P, kill), M = monitor(process, P), receive {'DOWN', M, _, _, _} -> ok end end || P <- Sessions],
    [catch trace:session_destroy(S) || S = {_, Id} <- trace:session_info(all), is_integer(Id)],
    gone(100),
    io:format("~p ~p~n", [trace:session_info(all), trace:session_info({?MODULE, leaf, 1})]),
    exit(Sink, kill).

gone(0) -> ok;
gone(N) -> tl(trace:session_info(all)) =:= [] orelse begin timer:sleep(20), gone(N - 1) end.

sink() -> receive _ -> sink() end.

work(To, N) -> To ! {self(), [one(N, I) || I <- lists:seq(1, N)]}.

one(N, I) ->
    self() ! {token, I}, receive {token, I} -> ok end,
    {?MODULE:loop(I rem 20, 0), leaf(N), (catch ?MODULE:leaf(bad)), spawn_one(), lists:reverse([I, N])}.

spawn_one() ->
    {P, M} = spawn_monitor(?MODULE, leaf, [1]),
    receive {'DOWN', M, process, P, Why} -> Why end.

leaf(X) when is_integer(X) -> X + 1;
leaf(X) -> throw({no, X}).

loop(0, A) -> A;
loop(N, A) -> loop(N - 1, A + N).

talk(To, 0) -> To ! {self(), talked};
talk(To, N) ->
    P = open_port({spawn, "cat"}, [binary]),
    P ! {self(), {command, <<"hello">>}},
    receive {P, {data, _}} -> ok end,
    port_close(P),
    talk(To, N - 1).

sessions(Sink, Workers, N) ->
    S = trace:session_create(races, Sink, []),
    Spec = [{'_', [], [{return_trace}, {exception_trace}, {message, {caller}}]}],
    trace:process(S, all, true, [call, return_to, procs, send, 'receive', set_on_spawn, running]),
    trace:port(S, all, true, [ports, send, 'receive']),
    [trace:function(S, {?MODULE, F, '_'}, M, Fl) || {F, M, Fl} <- [{leaf, Spec, [local]}, {loop, true, [local, call_time]}, {work, true, []}, {leaf, Spec, [meta]}]],
    trace:function(S, {lists, reverse, 1}, true, [local, call_count]),
    trace:recv(S, [{['_', hd(Workers), '_'], [], []}], []), trace:send(S, [{['_', {token, '_'}], [], []}], []),
    [trace:info(S, W, flags) || W <- Workers], trace:info(S, {?MODULE, loop, 2}, call_time),
    N rem 2 =:= 0 orelse timer:sleep(N rem 5),
    N rem 3 =:= 0 orelse trace:session_destroy(S),  % or the handle is dropped
    garbage_collect(),
    sessions(Sink, Workers, N + 1).
