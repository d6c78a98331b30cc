%% Many processes send to one that receives selectively, moves its queue on and off the heap, and is looked at, collected and
%% suspended meanwhile. Nothing gets lost, messages of one sender stay in order, large binaries and funs arrive whole.
-module(many_to_one).
-export([main/0]).

-define(SENDERS, 12).
-define(MESSAGES, 150).

main() ->
    Me = self(),
    Receiver = spawn_link(fun() -> receiver(Me) end),
    Alias = receive {alias, A} -> A end,
    Meddlers = [spawn_link(fun() -> meddle(Kind, Receiver) end) || Kind <- [info, collect, suspend, alive, info]],
    Shared = binary:copy(<<"abcdefgh">>, 500),
    Senders = [spawn_link(fun() -> sender(I, Receiver, Alias, Shared) end) || I <- lists:seq(1, ?SENDERS)],
    io:format("~w~n", [receive {counted, Counts} -> Counts end]),
    io:format("~w~n", [receive {wrong, W} -> W end]),
    [begin R = monitor(process, M), unlink(M), exit(M, kill), receive {'DOWN', R, _, _, _} -> ok end end || M <- Meddlers],
    Receiver ! stop,
    io:format("~w~n", [length(Senders)]).

sender(I, Receiver, Alias, Shared) ->
    <<_:I/binary, Part/binary>> = Shared,
    [begin
         Receiver ! {I, N, case (I + N) rem 5 of
                               0 -> Part;
                               1 -> fun() -> {I, N, byte_size(Part)} end;
                               2 -> lists:seq(1, N rem 40);
                               3 -> binary:part(Shared, N, 100);
                               4 -> #{I => N, part => <<N:1000>>}
                           end},
         N rem 10 =:= 0 andalso (Alias ! {through_alias, I}),
         N rem 100 =:= 0 andalso erlang:yield()
     end || N <- lists:seq(1, ?MESSAGES)].

receiver(Main) ->
    Main ! {alias, alias()},
    process_flag(message_queue_data, off_heap),
    Wrong = receive_all(#{}, [], ?SENDERS * ?MESSAGES),
    ByAlias = [receive {through_alias, I} -> I end || I <- lists:seq(1, ?SENDERS), _ <- lists:seq(1, ?MESSAGES div 10)],
    Main ! {counted, [length([x || I <- ByAlias, I =:= J]) || J <- lists:seq(1, ?SENDERS)]},
    Main ! {wrong, Wrong},
    receive stop -> ok end.

receive_all(_, Wrong, 0) -> Wrong;
receive_all(Seen, Wrong, Left) ->
    Left rem 300 =:= 0 andalso process_flag(message_queue_data, on_heap),
    Left rem 300 =:= 150 andalso process_flag(message_queue_data, off_heap),
    %% A sender's turn, or whatever comes.
    First = 1 + Left rem ?SENDERS,
    {I, N, What} = receive {First, _, _} = M -> M after 0 -> receive {K, _, _} = M when is_integer(K) -> M end end,
    Wrong1 = case maps:get(I, Seen, 0) + 1 of N -> Wrong; Other -> [{I, Other, N} | Wrong] end,
    Wrong2 = case is_whole(I, N, What) of true -> Wrong1; false -> [{I, N} | Wrong1] end,
    receive_all(Seen#{I => N}, Wrong2, Left - 1).

is_whole(I, N, What) ->
    case (I + N) rem 5 of
        0 -> byte_size(What) =:= 4000 - I;
        1 -> What() =:= {I, N, 4000 - I};
        2 -> What =:= lists:seq(1, N rem 40);
        3 -> What =:= binary:part(binary:copy(<<"abcdefgh">>, 100), N rem 8, 100);
        4 -> What =:= #{I => N, part => <<N:1000>>}
    end.

meddle(info, Pid) ->
    [_ | _] = process_info(Pid, [message_queue_len, messages, status, current_stacktrace, memory, garbage_collection_info, links, total_heap_size, binary]),
    pause(),
    meddle(info, Pid);
meddle(collect, Pid) ->
    true = garbage_collect(Pid),
    pause(),
    garbage_collect(Pid, [{type, minor}]),
    pause(),
    meddle(collect, Pid);
meddle(suspend, Pid) ->
    true = erlang:suspend_process(Pid),
    {status, _} = process_info(Pid, status),
    true = erlang:resume_process(Pid),
    pause(),
    meddle(suspend, Pid);
meddle(alive, Pid) ->
    true = is_process_alive(Pid),
    pause(),
    meddle(alive, Pid).

%% Not so short that the receiver does nothing but answer, where everything takes twenty times as long.
pause() -> receive after 10 -> ok end.
