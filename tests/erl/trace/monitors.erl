%% erlang:system_monitor, erlang:system_profile.
-module(monitors).
-export([main/0]).

main() ->
    Me = self(),
    show(erlang:system_monitor()),
    show(erlang:system_monitor(Me, [{large_heap, 20000}, {long_gc, 100000}, busy_port, {long_schedule, 1000000}, busy_dist_port])),
    show(erlang:system_monitor()),
    P = spawn(fun() -> L = lists:seq(1, 100000), erlang:garbage_collect(), Me ! {done, length(L)}, receive stop -> ok end end),
    receive {done, 100000} -> ok end,
    receive {monitor, P, large_heap, Info} -> io:format("~p~n", [[K || {K, V} <- Info, is_integer(V)]]) end,
    P ! stop,
    show(erlang:system_monitor(undefined)),
    show(erlang:system_monitor()),
    show(erlang:system_monitor({Me, [{large_heap, 1}]})),
    show(erlang:system_monitor(Me, [{long_schedule, 1}])),
    Q = spawn(fun() -> busy(erlang:monotonic_time(millisecond) + 60), receive stop -> ok end end),
    show([{K, is_tuple(V)} || {K, V} <- receive {monitor, Q, long_schedule, I} -> I after 1000 -> [{in, {}}, {out, {}}] end, K =/= timeout]),
    Q ! stop,
    show(erlang:system_monitor(Me, []) =/= undefined),
    [show(try apply(erlang, system_monitor, A) catch C:R -> {C, R} end) ||
        A <- [[Me, [x]], [x, [busy_port]], [Me, [{long_gc, a}]], [Me, [{long_gc, -1}]], [x], [{Me, x}], [Me, [busy_port | x]]]],
    show(erlang:system_profile()),
    show(erlang:system_profile(Me, [runnable_procs, timestamp])),
    show(erlang:system_profile()),
    R = spawn(fun() -> receive stop -> ok end end),
    timer:sleep(20), R ! stop, timer:sleep(20),
    show(erlang:system_profile(undefined, [])),
    show([{S, W} || {profile, X, S, W, {_, _, _}} <- all(), X =:= R]),
    [show(try apply(erlang, system_profile, A) catch C:E -> {C, E} end) || A <- [[Me, [x]], [x, [runnable_procs]], [Me, x]]].

busy(Until) -> case erlang:monotonic_time(millisecond) < Until of true -> lists:seq(1, 20000), busy(Until); false -> ok end.

all() -> receive M -> [M | all()] after 0 -> [] end.

show(X) -> io:format("~p~n", [traced:show(X, [{self(), me}])]).
