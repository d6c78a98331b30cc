%% send_after, start_timer, cancel, read and the timer module.
-module(timers).
-export([main/0]).

main() ->
    R = erlang:start_timer(10, self(), msg),
    io:format("~p~n", [receive {timeout, R, M} -> M end]),
    R2 = erlang:send_after(100000, self(), never),
    T = erlang:read_timer(R2),
    io:format("~p~n", [T > 90000 andalso T =< 100000]),
    C = erlang:cancel_timer(R2),
    io:format("~p ~p~n", [C > 90000, erlang:cancel_timer(R2)]),
    [erlang:send_after(D, self(), D) || D <- [90, 30, 60]],
    io:format("~p~n", [[receive X -> X end || _ <- [1, 2, 3]]]),
    {ok, _} = timer:send_after(10, via_timer),
    io:format("~p~n", [receive Y -> Y after 30000 -> nothing end]),
    {ok, I} = timer:send_interval(10, tick),
    io:format("~p~n", [[receive Z -> Z end || _ <- [1, 2, 3]]]),
    timer:cancel(I),
    {Us, ok} = timer:tc(timer, sleep, [20]),
    io:format("~p~n", [Us >= 20000]),
    io:format("~p~n", [[timer:seconds(2), timer:hms(1, 1, 1)]]),
    io:format("~p~n", [try erlang:send_after(-1, self(), x) catch C2:E2 -> {C2, E2} end]).
