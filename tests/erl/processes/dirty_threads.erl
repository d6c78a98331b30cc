%% BIFs on dirty threads: where they run, that schedulers go on meanwhile, exits and messages while one runs.
-module(dirty_threads).
-export([main/0]).

main() ->
    io:format("~p~n", [[erts_debug:dirty_cpu(scheduler, type), erts_debug:dirty_io(scheduler, type)]]),
    Self = self(),
    Start = erlang:monotonic_time(millisecond),
    Pids = [spawn_link(fun() -> Self ! {self(), erts_debug:dirty_io(wait, 1500)} end) || _ <- lists:seq(1, 8)],
    Ticks = count(0),
    io:format("~p~n", [Ticks > 0]),
    io:format("~p~n", [[receive {P, R} -> R end || P <- Pids]]),
    io:format("~p~n", [erlang:monotonic_time(millisecond) - Start < 10000]),
    %% A message sent meanwhile is there afterwards; an exit signal ends the process when the BIF has returned.
    Busy = spawn(fun() -> erts_debug:dirty_io(wait, 100), receive M -> Self ! {got, M} end end),
    Busy ! hello,
    io:format("~p~n", [receive {got, M} -> M end]),
    {Doomed, Ref} = spawn_monitor(fun() -> erts_debug:dirty_cpu(wait, 1500), Self ! too_late end),
    timer:sleep(10),
    exit(Doomed, because),
    io:format("~p~n", [receive {'DOWN', Ref, process, Doomed, Why} -> Why end]),
    io:format("~p~n", [receive too_late -> too_late after 200 -> none end]),
    io:format("~p~n", [try erts_debug:dirty_io(nonsense, 1) catch error:E -> E end]),
    %% In tail position, and through apply.
    io:format("~p~n", [[(fun() -> erts_debug:dirty_cpu(scheduler, type) end)(), apply(erts_debug, dirty_io, [scheduler, type])]]).

%% Until the first of them is done.
count(N) ->
    timer:sleep(2),
    case process_info(self(), message_queue_len) of
        {_, 0} -> count(N + 1);
        _ -> N
    end.
