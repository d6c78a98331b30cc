%% A receive without patterns waits out its time, whatever is in the mailbox or arrives, and leaves it there.
-module(receive_nothing).
-export([main/0]).

main() ->
    Me = self(),
    self() ! {before, 1},
    Start = erlang:monotonic_time(millisecond),
    {_, Sender} = spawn_monitor(fun() -> [begin Me ! {while_waiting, I}, receive after 5 -> ok end end || I <- lists:seq(1, 5)] end),
    receive after 400 -> ok end,
    receive {'DOWN', Sender, _, _, normal} -> ok end,  % on a busy machine it may take longer
    io:format("~p ~p~n", [erlang:monotonic_time(millisecond) - Start >= 400, process_info(self(), messages)]),
    Sleeper = spawn(fun() -> self() ! a, Me ! ready, receive after infinity -> ok end end),
    receive ready -> ok end,
    Sleeper ! b,
    receive after 20 -> ok end,
    {reductions, R1} = process_info(Sleeper, reductions),
    receive after 50 -> ok end,
    {reductions, R2} = process_info(Sleeper, reductions),
    io:format("~p ~p~n", [R2 - R1 < 1000, process_info(Sleeper, messages)]),
    Monitor = monitor(process, Sleeper),
    exit(Sleeper, stop),
    receive {'DOWN', Monitor, _, _, Reason} -> io:format("~p~n", [Reason]) end.
