%% Names come and go while others send to them, look them up, link and monitor their holders, which are killed.
-module(names_and_exits).
-export([main/0]).

-define(NAMES, [n1, n2, n3, n4]).

main() ->
    process_flag(trap_exit, true),
    Before = length(processes()),
    Workers = [spawn_monitor(fun() -> work(W, 300) end) || W <- lists:seq(1, 10)],
    Lookers = [spawn_link(fun look/0) || _ <- [1, 2]],
    io:format("~p~n", [lists:usort([receive {'DOWN', R, _, _, Why} -> Why end || {_, R} <- Workers])]),
    [begin exit(L, kill), receive {'EXIT', L, Why} -> io:format("~p~n", [Why]) end end || L <- Lookers],
    io:format("~p~n", [[whereis(N) || N <- ?NAMES]]),
    io:format("~p~n", [wait_for(fun() -> length(processes()) =:= Before end, 2000)]),
    fans().

work(_, 0) -> ok;
work(W, N) ->
    Name = lists:nth(1 + (W + N) rem 4, ?NAMES),
    Me = self(),
    Holder = spawn(fun() -> hold(Name) end),
    case N rem 6 of
        0 ->
            %% Whoever has got 'DOWN' finds the name gone.
            R = monitor(process, Holder),
            Holder ! stop,
            receive {'DOWN', R, process, Holder, Why} -> true = Why =:= normal orelse Why =:= killed orelse Why =:= noproc end,
            true = whereis(Name) =/= Holder;
        1 ->
            R = monitor(process, Name),
            catch Name ! {hello, Me},
            exit(Holder, kill),
            catch exit(whereis(Name), kill),
            receive {'DOWN', R, process, {Name, _}, Why} -> true = lists:member(Why, [normal, killed, noproc, done]) end;
        2 ->
            exit(Holder, kill),
            false = is_process_alive(Holder),
            true = whereis(Name) =/= Holder;
        3 ->
            process_flag(trap_exit, true),
            try link(Holder) catch error:noproc -> ok end,
            Holder ! stop,
            receive {'EXIT', Holder, Why} -> true = lists:member(Why, [normal, killed, noproc]) end,
            process_flag(trap_exit, false);
        4 ->
            R = monitor(process, Name, [{alias, reply_demonitor}]),
            catch Name ! {reply_to, R},
            catch unregister(Name),
            Holder ! stop,
            receive {R, hello} -> ok; {'DOWN', R, _, _, _} -> ok after 1 -> demonitor(R, [flush]), receive {R, hello} -> ok after 0 -> ok end end;
        5 ->
            process_flag(trap_exit, true),
            {P, R} = spawn_opt(fun() -> catch register(Name, self()), exit(done) end, [monitor, link]),
            unlink(P),
            receive {'DOWN', R, process, P, Why} -> true = lists:member(Why, [done, killed]) end,
            receive {'EXIT', P, _} -> ok after 0 -> ok end,
            true = whereis(Name) =/= P,
            Holder ! stop,
            process_flag(trap_exit, false)
    end,
    flush(),
    work(W, N - 1).

hold(Name) ->
    catch register(Name, self()),
    held().

held() ->
    receive
        stop -> ok;
        {hello, _} -> held();
        {reply_to, R} -> R ! {R, hello}, held()
    after 50 -> ok
    end.

flush() -> receive {reply_to, _} -> flush(); {hello, _} -> flush(); stop -> flush() after 0 -> ok end.

look() ->
    [begin whereis(N), catch N ! {hello, self()} end || N <- ?NAMES],
    registered(),
    [process_info(P, [registered_name, links, monitors, monitored_by]) || P <- lists:sublist(processes(), 50)],
    look().

%% Everybody linked to and watching everybody; one falls.
fans() ->
    io:format("~p~n", [[fan(N) || N <- [3, 10, 40]]]).

fan(N) ->
    Me = self(),
    Pids = [spawn(fun() -> receive {peers, Ps} -> [link(P) || P <- Ps], Me ! {linked, self()}, receive never -> ok end end end) || _ <- lists:seq(1, N)],
    Refs = [monitor(process, P) || P <- Pids],
    [P ! {peers, Pids} || P <- Pids],
    [receive {linked, P} -> ok end || P <- Pids],
    exit(lists:nth(N div 2, Pids), fallen),
    lists:usort([receive {'DOWN', R, _, _, Why} -> Why end || R <- Refs]).

wait_for(_, 0) -> false;
wait_for(Condition, N) ->
    Condition() orelse begin timer:sleep(5), wait_for(Condition, N - 1) end.
