%% process_flag(scheduler, N) and spawn_opt's {scheduler, N}: the process runs on that scheduler only, also after it has waited, and while
%% others are busy; 0 frees it. Values that are none.
-module(bound_to_scheduler).
-export([main/0]).

p(X) -> io:format("~p~n", [X]).

main() ->
    Last = erlang:system_info(schedulers),
    All = lists:seq(1, Last),
    Before = [process_flag(scheduler, N) || N <- All ++ lists:reverse(All)],
    p(Before =:= [0 | All ++ tl(lists:reverse(All))]),
    p([N || N <- All, process_flag(scheduler, N) < 0 orelse erlang:system_info(scheduler_id) =/= N]),
    p(process_flag(scheduler, 0) =:= Last),
    p(process_flag(scheduler, 0)),
    Busy = [spawn_link(fun() -> busy() end) || _ <- All],
    Self = self(),
    Stay = fun(N) -> Self ! {N, [erlang:system_info(scheduler_id) || _ <- lists:seq(1, 20), pause()]} end,
    [spawn_link(fun() -> process_flag(scheduler, N), Stay(N) end) || N <- All],
    p([N || N <- All, receive {N, Where} -> lists:usort(Where) =/= [N] end]),
    [spawn_opt(fun() -> p(process_flag(scheduler, N) =:= N), Stay(N) end, [link, {scheduler, N}]) || N <- All, N =:= Last],
    p([N || N <- [Last], receive {N, Where} -> lists:usort(Where) =/= [N] end]),
    %% Many that are bound, and answer one after the other.
    Chain = lists:foldl(fun(I, To) -> spawn_link(fun() -> process_flag(scheduler, 1 + I rem Last), relay(To) end) end,
                        Self, lists:seq(1, 300)),
    [Chain ! {round, R} || R <- lists:seq(1, 20)],
    p([receive {round, R} -> R after 30000 -> lost end || R <- lists:seq(1, 20)]),
    [begin unlink(B), exit(B, kill) end || B <- Busy],
    [p(try process_flag(scheduler, Bad) catch C:E -> {C, E} end) || Bad <- [-1, a, Last + 1, 1 bsl 70, 1.0]],
    [p(try spawn_opt(fun() -> ok end, [{scheduler, Bad}]) of _ -> made catch C:E -> {C, E} end) || Bad <- [-1, a, Last + 1]].

pause() ->
    erlang:yield(),
    receive after 1 -> true end.

busy() -> busy().

relay(To) ->
    receive Message -> To ! Message end,
    relay(To).
