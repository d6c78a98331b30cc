%% erlang:system_monitor, and trace:system/3 where there is one.
-module(monitoring).
-export([main/0]).

main() ->
    Main = self(),
    show("none", erlang:system_monitor()),
    show("set", [erlang:system_monitor(Main, [{long_gc, 500}, busy_port, {large_heap, 1}, {long_schedule, 0}]), listed(erlang:system_monitor())]),
    show("again", [listed(erlang:system_monitor({Main, [busy_dist_port]})), listed(erlang:system_monitor())]),
    show("off", [listed(erlang:system_monitor(undefined)), erlang:system_monitor(), erlang:system_monitor(Main, [])]),
    show("wrong", [class(fun() -> erlang:system_monitor(P, O) end) || {P, O} <- [{Main, [foo]}, {Main, [{long_gc, -1}]}, {Main, [{long_gc, a}]}, {Main, foo},
        {Main, [long_gc]}, {foo, [busy_port]}, {Main, [busy_port | x]}, {Main, [{long_message_queue, {5, 5}}]}, {Main, [{long_message_queue, {-1, 5}}]},
        {Main, [{long_message_queue, 7}]}, {Main, [long_message_queue]}, {Main, [{busy_port, maybe_}]}]]),
    show("options", [begin R = class(fun() -> erlang:system_monitor(Main, [O]) end), S = listed(erlang:system_monitor()), erlang:system_monitor(undefined), {R, S} end ||
        O <- [{busy_port, true}, {busy_port, false}, {long_gc, false}, {long_message_queue, false}, {long_message_queue, {3, 10}}]]),
    Gone = spawn(fun() -> erlang:system_monitor(self(), [busy_port]), Main ! set end),
    receive set -> ok end,
    timer:sleep(50),
    show("gone", {is_process_alive(Gone), erlang:system_monitor()}),
    heaps(),
    case class(fun() -> erlang:system_monitor(Main, [{long_message_queue, {3, 10}}]) end) of
        {error, badarg} -> io:format("queues are not watched~n");
        _ -> erlang:system_monitor(undefined), queues()
    end,
    case code:ensure_loaded(trace) =:= {module, trace} andalso erlang:function_exported(trace, system, 3) of
        true -> sessions();
        false -> io:format("sessions do not watch~n")
    end,
    ok.

heaps() ->
    erlang:system_monitor(self(), [{large_heap, 20000}]),
    P = spawn(fun() -> receive go -> ok end, L = lists:seq(1, 100000), receive stop -> length(L) end end),
    P ! go,
    show("large heap", receive {monitor, P, large_heap, Info} -> [K || {K, V} <- Info, is_integer(V)] after 5000 -> nothing end),
    P ! stop,
    erlang:system_monitor(undefined),
    flush().

queues() ->
    Slow = slow(),
    erlang:system_monitor(self(), [{long_message_queue, {3, 10}}]),
    fill(Slow, 9),
    show("9 messages", flush(Slow)),
    fill(Slow, 5),
    show("14 messages", flush(Slow)),
    fill(Slow, 5),
    show("19 messages", flush(Slow)),
    take(Slow, 15),
    show("4 messages", flush(Slow)),
    take(Slow, 1),
    show("3 messages", flush(Slow)),
    fill(Slow, 6),
    show("9 messages again", flush(Slow)),
    fill(Slow, 1),
    show("10 messages", flush(Slow)),
    take(Slow, 10),
    show("none", flush(Slow)),
    erlang:system_monitor(undefined),
    fill(Slow, 20),
    show("unwatched", flush(Slow)),
    exit(Slow, kill).

sessions() ->
    Main = self(),
    T1 = spawn(fun() -> tracer(Main, one) end),
    T2 = spawn(fun() -> tracer(Main, two) end),
    [S1, S2] = [trace:session_create(N, T, []) || {N, T} <- [{one, T1}, {two, T2}]],
    show("set", [trace:system(S1, long_message_queue, {1, 5}), trace:system(S2, long_message_queue, {2, 8}), trace:system(S1, busy_port, true),
                 trace:system(S2, large_heap, 100), trace:system(S2, busy_dist_port, true), trace:system(S2, long_gc, 100), trace:system(S2, long_schedule, 100)]),
    show("infos", [trace:info(S, system, all) || S <- [S1, S2]]),
    show("legacy", [erlang:system_monitor(), class(fun() -> erlang:trace_info(system, all) end)]),
    Slow = slow(),
    fill(Slow, 6),
    show("6 messages", flush(Slow)),
    fill(Slow, 2),
    show("8 messages", flush(Slow)),
    take(Slow, 6),
    show("2 messages", flush(Slow)),
    take(Slow, 1),
    show("1 message", flush(Slow)),
    show("off", [trace:system(S2, K, false) || K <- [large_heap, busy_dist_port, long_gc, long_schedule]]),
    show("infos", [trace:info(S, system, all) || S <- [S1, S2]]),
    show("wrong", [class(fun() -> trace:system(S, K, V) end) || {S, K, V} <- [{S1, foo, 1}, {S1, long_gc, x}, {S1, busy_port, 1}, {foo, busy_port, true},
        {S1, long_message_queue, {5, 1}}, {S1, large_heap, -5}]]),
    fill(Slow, 7),
    show("8 messages", flush(Slow)),
    show("end", trace:session_destroy(S1)),
    take(Slow, 8),
    show("no messages", flush(Slow)),
    show("ended", class(fun() -> trace:system(S1, busy_port, true) end)),
    % A session of a tracer that is no process watches nothing
    show("end", trace:session_destroy(S2)),
    [exit(P, kill) || P <- [Slow, T1, T2]].

tracer(Main, Name) -> receive {monitor, P, What, How} -> Main ! {Name, P, What, How}, tracer(Main, Name) end.

%% A process that takes messages only when it is told to.
slow() -> Main = self(), spawn(fun() -> slow_loop(Main) end).
slow_loop(Main) -> receive {take, N} -> [receive x -> ok end || _ <- lists:seq(1, N)], Main ! {self(), taken}, slow_loop(Main) end.
fill(P, N) -> [P ! x || _ <- lists:seq(1, N)], process_info(P, message_queue_len).
take(P, N) -> P ! {take, N}, receive {P, taken} -> ok end.

%% What has been told of P; the dispatcher of the system may be late
flush(P) -> timer:sleep(50), lists:sort([case T of {monitor, P, W, H} -> {W, H}; {Name, P, W, H} -> {Name, W, H} end || T <- flush(), element(tuple_size(T) - 2, T) =:= P]).
flush() -> receive M -> [M | flush()] after 0 -> [] end.

listed({P, L}) -> {case P =:= self() of true -> main; false -> P end, L};
listed(T) -> T.
class(F) -> try F() of V -> {returned, listed(V)} catch C:R -> {C, R} end.
show(What, T) -> io:format("~ts: ~0tp~n", [What, T]).
