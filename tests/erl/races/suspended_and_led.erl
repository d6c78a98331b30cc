%% Processes suspend and resume each other, change each other's group leaders and priorities of their own, ask for process_info of
%% what runs, hibernates, is suspended or ends; whoever suspended and ends sets free.
-module(suspended_and_led).
-export([main/0, woken/2]).

main() ->
    process_flag(trap_exit, true),
    counting(),
    freed(),
    leaders(),
    asked(),
    requests_to_dying().

%% A process that several others suspend at random goes on in between.
counting() ->
    Counter = spawn_link(fun() -> count(0) end),
    Suspenders = [spawn_monitor(fun() ->
                                    [begin
                                         true = erlang:suspend_process(Counter),
                                         I rem 3 =:= 0 andalso erlang:suspend_process(Counter, [unless_suspending]),
                                         I rem 5 =:= 0 andalso erlang:yield(),
                                         true = erlang:resume_process(Counter),
                                         I rem 4 =:= 0 andalso erlang:suspend_process(Counter, [asynchronous]) andalso erlang:resume_process(Counter)
                                     end || I <- lists:seq(1, 60)]
                                end) || _ <- [1, 2, 3]],
    io:format("~w~n", [lists:usort([receive {'DOWN', R, _, _, Why} -> Why end || {_, R} <- Suspenders])]),
    io:format("~w~n", [element(2, process_info(Counter, status)) =/= suspended]),
    Counter ! {how_far, self()},
    receive {Counter, N} -> io:format("~w~n", [N >= 0]) end,    % 0: nothing lets it run before the question comes
    unlink(Counter),
    exit(Counter, kill).

count(N) ->
    receive {how_far, From} -> From ! {self(), N}, count(N)
    after 0 -> count(N + 1)
    end.

%% Suspensions go with those who made them.
freed() ->
    Me = self(),
    Held = spawn_link(fun() -> held(Me) end),
    Pids = [spawn_monitor(fun() -> erlang:suspend_process(Held), erlang:suspend_process(Held), exit(N rem 2 =:= 0) end) || N <- lists:seq(1, 20)],
    [receive {'DOWN', R, _, _, _} -> ok end || {_, R} <- Pids],
    Held ! {hello, Me},
    io:format("~w~n", [receive {Held, hello} -> free after 10000 -> held end]),
    Victims = [spawn(fun() -> receive after infinity -> ok end end) || _ <- lists:seq(1, 30)],
    Racers = [spawn_monitor(fun() -> [try erlang:suspend_process(V), erlang:resume_process(V) catch error:badarg -> gone end || V <- Victims], exit(done) end) || _ <- [1, 2]],
    [exit(V, kill) || V <- Victims],
    io:format("~w~n", [lists:usort([receive {'DOWN', R, _, _, Why} -> Why end || {_, R} <- Racers])]),
    unlink(Held),
    exit(Held, kill).

held(Main) -> receive {hello, Main} -> Main ! {self(), hello}, held(Main) end.

leaders() ->
    Gl = group_leader(),
    Others = [spawn(fun() -> receive after infinity -> ok end end) || _ <- [1, 2, 3]],
    Led = [spawn_link(fun() -> led(Gl, Others, 80) end) || _ <- [1, 2, 3, 4]],
    Setters = [spawn_link(fun() -> [catch group_leader(lists:nth(1 + I rem 3, Others), L) || I <- lists:seq(1, 60), L <- Led] end) || _ <- [1, 2]],
    io:format("~w~n", [lists:usort([receive {'EXIT', P, Why} -> Why end || P <- Led ++ Setters])]),
    [exit(O, kill) || O <- Others].

led(_, _, 0) -> ok;
led(Gl, Others, N) ->
    true = lists:member(group_leader(), [Gl | Others]),
    {P, R} = spawn_monitor(fun() -> exit(group_leader()) end),
    receive {'DOWN', R, process, P, Leader} -> true = lists:member(Leader, [Gl | Others]) end,
    N rem 10 =:= 0 andalso group_leader(Gl, self()),
    led(Gl, Others, N - 1).

%% Whatever a process is doing, others may look at it.
asked() ->
    Items = [backtrace, binary, catchlevel, current_function, current_location, current_stacktrace, dictionary, error_handler, garbage_collection, garbage_collection_info,
             group_leader, heap_size, initial_call, links, last_calls, memory, message_queue_len, messages, min_heap_size, monitored_by, monitors,
             message_queue_data, parent, priority, reductions, registered_name, sequential_trace_token, stack_size, status, suspending, total_heap_size, trap_exit],
    Busy = [spawn_link(F) || F <- [fun() -> spin(0) end, fun() -> spin(1) end, fun() -> dozes() end, fun() -> flags(0) end, fun() -> grows([]) end, fun() -> raises() end]],
    Askers = [spawn_link(fun() -> [begin
                                       [true = known(process_info(P, Item)) || Item <- Items],
                                       known(process_info(P)),
                                       erlang:check_process_code(P, lists),
                                       garbage_collect(P),
                                       erlang:system_info(process_count), erlang:memory(), statistics(reductions), statistics(run_queue)
                                   end || _ <- lists:seq(1, 3), P <- Busy]
                          end) || _ <- [1, 2]],
    io:format("~w~n", [lists:usort([receive {'EXIT', P, Why} -> Why end || P <- Askers])]),
    [begin exit(P, kill), receive {'EXIT', P, Why} -> io:format("~w ", [Why]) end end || P <- Busy],
    io:nl().

known(undefined) -> false;
known(_) -> true.

spin(N) -> put(N rem 10, {N, [N]}), spin(N + 1).

dozes() -> self() ! go, woken(0, []).

woken(N, L) ->
    receive _ -> ok after 0 -> ok end,
    erlang:send_after(N rem 3, self(), go),
    erlang:hibernate(?MODULE, woken, [N + 1, lists:sublist([N | L], 5)]).

flags(N) ->
    process_flag(priority, lists:nth(1 + N rem 3, [low, normal, high])),
    process_flag(trap_exit, N rem 2 =:= 0),
    process_flag(message_queue_data, lists:nth(1 + N rem 2, [on_heap, off_heap])),
    process_flag(min_heap_size, 233 + N rem 1000),
    process_flag(fullsweep_after, N rem 20),
    process_flag(max_heap_size, 100000 + N),
    process_flag(error_handler, error_handler),
    N rem 20 =:= 0 andalso receive after 1 -> ok end,
    flags(N + 1).

grows(L) when length(L) > 2000 -> garbage_collect(), grows([]);
grows(L) -> grows([binary:copy(<<"x">>, 100) | L]).

raises() ->
    try deep(50) catch throw:X:Stack -> {X, Stack} end,
    raises().

deep(0) -> throw(bottom);
deep(N) -> 1 + deep(N - 1).

%% Requests to processes that end at the same time are all answered.
requests_to_dying() ->
    Pids = [spawn(fun() -> receive after N rem 3 -> exit(N) end end) || N <- lists:seq(1, 200)],
    Askers = [spawn_link(fun() -> [ask(Kind, P) || P <- Pids], exit(answered) end) || Kind <- [info, alive, collect, code, link, monitor, exit]],
    io:format("~w~n", [lists:usort([receive {'EXIT', A, Why} -> Why end || A <- Askers])]).

ask(info, P) -> process_info(P, [links, memory]);
ask(alive, P) -> is_process_alive(P);
ask(collect, P) -> garbage_collect(P);
ask(code, P) -> erlang:check_process_code(P, lists);
ask(link, P) -> process_flag(trap_exit, true), try link(P), receive {'EXIT', P, _} -> ok end catch error:noproc -> ok end;
ask(monitor, P) -> R = monitor(process, P), receive {'DOWN', R, _, _, _} -> ok end;
ask(exit, P) -> exit(P, stop).
