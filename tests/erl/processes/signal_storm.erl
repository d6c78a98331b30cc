%% Processes send, link, monitor, suspend, kill and ask each other at random. Messages of one sender stay in order, every monitor
%% fires once, and nothing is left behind.
-module(signal_storm).
-export([main/0]).

-define(WORKERS, 24).
-define(ROUNDS, 300).

main() ->
    process_flag(trap_exit, true),
    Before = length(processes()),
    Table = ets:new(peers, [public]),
    Refs = maps:from_list([start(I, Table) || I <- lists:seq(1, ?WORKERS)]),
    {Wrong, Restarts} = supervise(Refs, Table, [], 0),
    io:format("~p~n", [Wrong]),
    io:format("~p~n", [Restarts > 10]),
    wait_for(fun() -> length(processes()) =:= Before end, 2000),
    io:format("~p~n", [length(processes()) - Before]).

start(I, Table) ->
    Main = self(),
    {Pid, Ref} = spawn_monitor(fun() -> worker(I, Table, Main) end),
    ets:insert(Table, {I, Pid}),
    {Ref, I}.

%% Until every worker has come to its end once; those that die before are started again.
supervise(Refs, _, Wrong, Restarts) when map_size(Refs) =:= 0 -> {Wrong, Restarts};
supervise(Refs, Table, Wrong, Restarts) ->
    receive
        {'DOWN', Ref, process, _, Reason} ->
            {I, Rest} = maps:take(Ref, Refs),
            case Reason of
                {done, []} -> supervise(Rest, Table, Wrong, Restarts);
                {done, More} -> supervise(Rest, Table, More ++ Wrong, Restarts);
                _ when Restarts < 3000 ->
                    {New, I} = start(I, Table),
                    supervise(Rest#{New => I}, Table, Wrong, Restarts + 1);
                _ -> supervise(Rest, Table, Wrong, Restarts)
            end;
        {'EXIT', _, _} -> supervise(Refs, Table, Wrong, Restarts)
    after 60000 ->
        {[nobody_ends | Wrong], Restarts}
    end.

worker(I, Table, Main) ->
    rand:seed(exsss, {I, erlang:unique_integer([positive]), 7}),
    process_flag(trap_exit, rand:uniform(2) =:= 1),
    loop(?ROUNDS, Table, Main, #{}, #{}, []).

loop(0, _, _, _, _, Wrong) -> exit({done, Wrong});
loop(N, Table, Main, Seen, Sent, Wrong) ->
    {Seen1, Wrong1} = drain(Seen, Wrong),
    Peer = peer(Table),
    Sent1 = act(rand:uniform(24), Peer, Sent),
    loop(N - 1, Table, Main, Seen1, Sent1, Wrong1).

peer(Table) ->
    case ets:lookup(Table, rand:uniform(?WORKERS)) of
        [{_, Pid}] -> Pid;
        [] -> self()
    end.

act(N, Peer, Sent) when N =< 6 ->
    Seq = maps:get(Peer, Sent, 0) + 1,
    Peer ! {numbered, self(), Seq, lists:seq(1, N)},
    Sent#{Peer => Seq};
act(7, Peer, Sent) -> catch link(Peer), Sent;
act(8, Peer, Sent) -> unlink(Peer), Sent;
act(9, Peer, Sent) -> monitor(process, Peer), Sent;
act(10, Peer, Sent) -> demonitor(monitor(process, Peer), [flush]), Sent;
act(11, Peer, Sent) -> put(monitor, monitor(process, Peer, [{alias, reply_demonitor}])), Sent;
act(12, Peer, Sent) -> exit(Peer, case rand:uniform(8) of 1 -> kill; 2 -> because; _ -> normal end), Sent;
act(13, Peer, Sent) when Peer =/= self() ->
    try erlang:suspend_process(Peer) of
        true ->
            erlang:yield(),
            catch erlang:resume_process(Peer)
    catch error:badarg -> ok
    end,
    Sent;
act(14, Peer, Sent) ->
    case process_info(Peer, [message_queue_len, links, monitors, status]) of
        undefined -> ok;
        [_, _, _, _] -> ok
    end,
    Sent;
act(15, Peer, Sent) -> true = is_boolean(is_process_alive(Peer)), Sent;
act(16, Peer, Sent) -> _ = erlang:garbage_collect(Peer), Sent;
act(17, Peer, Sent) -> erlang:send_after(rand:uniform(3), Peer, tick), Sent;
act(18, Peer, Sent) -> erlang:cancel_timer(erlang:send_after(rand:uniform(3), Peer, tick)), Sent;
act(19, _, Sent) -> receive after rand:uniform(2) - 1 -> Sent end;
act(20, Peer, Sent) -> Child = spawn_link(fun() -> Peer ! from_child end), Child ! hello, Sent;
act(21, _, Sent) -> catch register(list_to_atom("storm_" ++ integer_to_list(rand:uniform(4))), self()), Sent;
act(22, _, Sent) -> catch (storm_1 ! named), catch unregister(storm_2), Sent;
act(23, _, Sent) -> process_flag(priority, lists:nth(rand:uniform(3), [low, normal, high])), Sent;
act(24, _, Sent) ->
    case get(monitor) of
        undefined -> ok;
        Alias -> Alias ! to_myself
    end,
    Sent;
act(_, _, Sent) -> Sent.

%% Numbers of one sender come without gaps.
drain(Seen, Wrong) ->
    receive
        {numbered, From, Seq, _} ->
            case maps:get(From, Seen, 0) + 1 of
                Seq -> drain(Seen#{From => Seq}, Wrong);
                Other -> drain(Seen#{From => Seq}, [{expected, Other, got, Seq} | Wrong])
            end;
        _ -> drain(Seen, Wrong)
    after 0 -> {Seen, Wrong}
    end.

wait_for(_, 0) -> false;
wait_for(Condition, N) ->
    case Condition() of
        true -> true;
        false -> timer:sleep(5), wait_for(Condition, N - 1)
    end.
