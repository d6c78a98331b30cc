%% What drivers are told of: time, descriptors, work done, processes that end; and how they end ports.
-module(driver_events).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    ok = erl_ddll:load_driver(".", driver_events),
    timers(),
    traced(),
    pipes(),
    async(),
    monitors(),
    threads(),
    created(),
    [failure(Op, Options) || Op <- [50, 51, 52, 53, 54, 55, 56, 57], Options <- [[], [eof]]],
    show(loaded, erl_ddll:info(driver_events, port_count)).

open() -> open([]).
open(Options) -> open_port({spawn_driver, driver_events}, Options).

close(P) ->
    port_close(P),
    receive {'EXIT', P, Why} -> Why end.

timers() ->
    P = open(),
    C = fun(Op, D) -> port_control(P, Op, D) end,
    T = erlang:monotonic_time(microsecond),
    show(set, C(1, [20])),
    show(timeout, next()),
    show(in_time, erlang:monotonic_time(microsecond) - T >= 20000),
    show(at_once, {C(1, [0]), next()}),
    C(1, [100]),
    show(read, C(3, "")),
    show(cancel, C(2, "")),
    show(nothing, next(150)),
    C(1, [100]), C(1, [5]),
    show(shorter, next(60)),
    C(1, [5]), C(1, [100]),
    show(longer, {next(50), next(200)}),
    show(clocks, C(60, "")),
    show(timeslice, C(61, "")),
    C(1, [10]),
    close(P),
    show(closed, next(50)).

%% Port and process are traced, and who takes long is told of.
traced() ->
    P = open(),
    erlang:trace(P, true, [send, 'receive']),
    "0" = port_control(P, 1, [10]),
    receive {timeout, 0} -> ok end,
    show(trace, traces(P)),
    erlang:trace(P, false, [send, 'receive']),
    Me = self(),
    Monitor = spawn(fun() -> Me ! ready, receive M -> Me ! {told, M} end end),
    receive ready -> ok end,
    erlang:system_monitor(Monitor, [{long_schedule, 50}]),
    "0" = port_control(P, 4, []),
    show(timeout, next()),
    show(slow, receive {told, {monitor, P, long_schedule, L}} -> {[K || {K, _} <- L], proplists:get_value(port_op, L), proplists:get_value(timeout, L) >= 100} after 2000 -> nothing end),
    erlang:system_monitor(undefined),
    close(P).

traces(P) ->
    D = erlang:trace_delivered(all), receive {trace_delivered, all, D} -> ok end,
    all_traces(P).

all_traces(P) ->
    receive E when element(1, E) =:= trace -> [[case X of P -> port; _ when X =:= self() -> me; {P, Y} -> {port, Y}; {M, Y} when M =:= self() -> {me, Y}; _ -> X end || X <- tuple_to_list(E)] | all_traces(P)]
    after 0 -> [] end.

pipes() ->
    P = open(),
    C = fun(Op, D) -> port_control(P, Op, D) end,
    show(bad, C(14, "")),
    show(pipe, C(10, "")),
    show(flags, C(15, "")),
    show(write, C(11, "hello")),
    show(read, next()),
    [begin C(11, [$a + N]), show(more, next()) end || N <- [0, 1, 2]],
    show(long, C(11, "0123456789abcdefghij")),
    show(parts, [next(), next()]),
    show(select_write, C(12, [3])),
    show(written, lists:flatten([B || {_, {data, B}} <- [next(50), next(50), next(50)]])),
    show(again, C(12, [2])),
    show(written, lists:flatten([B || {_, {data, B}} <- [next(50), next(50)]])),
    show(stop, C(13, "")),
    show(at_end, next()),
    close(P).

async() ->
    P = open(),
    show(async, port_control(P, 20, [5, 10])),
    show(done, next()),
    [port_control(P, 21, [N, 5 - N]) || N <- [1, 2, 3, 4]],
    show(in_order, [next() || _ <- [1, 2, 3, 4]]),
    port_control(P, 20, [9, 30]),
    close(P),
    show(nobody, next(80)).

monitors() ->
    P = open(),
    Me = self(),
    Pid = spawn(fun() ->
                        R = [port_control(P, 30, ""), port_control(P, 33, ""), erlang:port_info(P, monitors) =:= {monitors, [{process, self()}]},
                             process_info(self(), monitored_by) =:= {monitored_by, [P]}],
                        Me ! {self(), R},
                        receive stop -> ok end
                end),
    receive {Pid, R} -> show(monitor, R) end,
    Pid ! stop,
    show(down, receive {down, Pid, 1} -> ok after 1000 -> none end),
    show(monitors, erlang:port_info(P, monitors)),
    Other = spawn(fun() -> R2 = [port_control(P, 30, ""), port_control(P, 31, ""), port_control(P, 32, ""), port_control(P, 32, "")], Me ! {self(), R2} end),
    receive {Other, R2} -> show(demonitor, R2) end,
    show(down, receive {down, Other, 0} -> ok after 1000 -> none end),
    show(nothing, next(20)),
    Last = spawn(fun() -> port_control(P, 30, ""), Me ! {self(), ok}, receive stop -> ok end end),
    receive {Last, ok} -> ok end,
    close(P),
    show(monitored_by, process_info(Last, monitored_by)),
    Last ! stop,
    show(nothing, next(20)).

threads() ->
    P = open(),
    C = fun(Op) -> port_control(P, Op, "") end,
    show(things, C(43)),
    show(lock, C(40)),
    show(thread, C(41)),
    show(told, case next() of {thread, N} when N >= 2 -> ok; Other -> Other end),
    show(queue, C(42)),
    show(size, erlang:port_info(P, queue_size)),
    exit(P, kill),
    show(killed, receive {'EXIT', P, Why} -> Why end).

created() ->
    P = open(),
    show(create, port_control(P, 58, "")),
    Q = receive {created, X} -> X end,
    show(data, receive {Q, {data, Y}} -> Y end),
    show(timeout, next()),
    show(name, erlang:port_info(Q, name)),
    show(links, erlang:port_info(Q, links) =:= {links, [self()]}),
    show(clocks, port_control(Q, 60, "")),
    show(count, erl_ddll:info(driver_events, port_count)),
    close(P),
    show(count, erl_ddll:info(driver_events, port_count)),
    close(Q).

failure(Op, Options) ->
    P = open(Options),
    M = erlang:monitor(port, P),
    R = try port_control(P, Op, "") catch C:E -> {C, E} end,
    show({failure, Op, Options},
         {R,
          receive {P, eof} -> eof after 0 -> no end,
          receive {'EXIT', P, Why} -> Why after 20 -> none end,
          receive {'DOWN', M, port, P, Why2} -> Why2 after 20 -> none end}),
    catch port_close(P),
    receive {'EXIT', P, _} -> ok after 0 -> ok end,
    receive {'DOWN', M, port, P, _} -> ok after 0 -> ok end.

next() -> next(2000).
next(Time) -> receive M -> mask(M) after Time -> nothing end.

mask({P, {data, D}}) when is_port(P) -> {port, {data, D}};
mask(M) -> M.

show(What, Result) -> io:format("~p: ~p~n", [What, Result]).
