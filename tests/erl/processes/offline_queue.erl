%% What waited for a scheduler that is taken offline waits for one that is not.
-module(offline_queue).
-export([main/0]).

main() ->
    process_flag(priority, high),
    Busy = [spawn(fun loop/0) || _ <- lists:seq(1, 12)],
    receive after 100 -> ok end,
    Before = erlang:system_flag(schedulers_online, 1),
    receive after 1000 -> ok end,
    [First | Others] = statistics(run_queue_lengths),
    io:format("~p~n", [{First >= 10, lists:sum(Others)}]),
    erlang:system_flag(schedulers_online, Before),
    [exit(P, kill) || P <- Busy],
    ok.

loop() -> loop().
