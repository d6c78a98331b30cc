%% Monitors: reasons, noproc, demonitor with flush and info, names, alias.
-module(monitors).
-export([main/0]).

main() ->
    [begin
         {P, R} = spawn_monitor(F),
         receive {'DOWN', R, process, P, Why} -> io:format("~p~n", [short(Why)]) end
     end || F <- [fun() -> ok end, fun() -> exit(x) end, fun() -> error(y) end, fun() -> throw(z) end]],
    {P1, R0} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', R0, _, _, _} -> ok end,
    R1 = monitor(process, P1),
    io:format("~p~n", [receive {'DOWN', R1, process, P1, W1} -> W1 end]),
    R2 = monitor(process, nobody_here),
    io:format("~p~n", [receive {'DOWN', R2, process, {nobody_here, N}, W2} -> {N =:= node(), W2} end]),
    P3 = spawn(fun() -> receive go -> ok end end),
    R3 = monitor(process, P3),
    io:format("~p ~p~n", [demonitor(R3, [info]), demonitor(R3, [info, flush])]),
    P3 ! go,
    io:format("~p~n", [receive M -> M after 30 -> nothing end]),
    P4 = spawn(fun() -> receive {A, ask} -> A ! {A, answer} end end),
    R4 = monitor(process, P4, [{alias, reply_demonitor}]),
    P4 ! {R4, ask},
    io:format("~p~n", [receive {R4, X} -> X; {'DOWN', R4, _, _, _} -> down end]),
    io:format("~p~n", [receive _ -> more after 50 -> nothing end]),
    Port1 = monitor(port, {nobody_here, node()}),
    io:format("~p~n", [receive {'DOWN', Port1, port, {nobody_here, Node1}, Reason1} -> {Node1 =:= node(), Reason1} end]),
    Port2 = monitor(port, {nobody_here, node()}, [{tag, tagged}]),
    io:format("~p~n", [receive {tagged, Port2, port, {nobody_here, Node2}, Reason2} -> {Node2 =:= node(), Reason2} end]),
    io:format("~p~n", [[try monitor(port, What) catch C:E -> {C, E} end || What <- [{nobody_here, a@b}, {1, node()}, {nobody_here}, "x"]]]),
    Offset = monitor(time_offset, clock_service),
    io:format("~p~n", [process_info(self(), monitors)]),
    demonitor(Offset),
    Foreign = binary_to_term(<<131, 90, 0, 3, 119, 3, "a@b", 1:32, 1:32, 2:32, 3:32>>),
    io:format("~p~n", [[try apply(erlang, demonitor, As) catch C:E -> {C, E} end || As <- [[Foreign], [Foreign, []], [Foreign, [flush]], [x], [make_ref()]]]]),
    A5 = alias(),
    A5 ! through_alias,
    io:format("~p~n", [receive Y -> Y end]),
    unalias(A5),
    A5 ! lost,
    io:format("~p~n", [receive Z -> Z after 20 -> dropped end]),
    P6 = spawn(fun() -> receive go -> exit(tagged) end end),
    R6 = monitor(process, P6, [{tag, my_tag}]),
    P6 ! go,
    io:format("~p~n", [receive {my_tag, R6, process, _, W6} -> W6 end]).

short({R, [_ | _]}) -> R;
short(R) -> R.
