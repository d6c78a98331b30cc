%% Links, monitors, aliases, timers, selective receive, process dictionaries, trapping, priorities, groups, parallel maps with limits.
-module(process_patterns).
-export([main/0, loop/1]).

main() ->
    process_flag(trap_exit, true),
    io:format("~p~n", [pmap(fun(X) -> X * X end, lists:seq(1, 20))]),
    io:format("~p~n", [pmap(fun(X) -> 12 div (X - 3) end, lists:seq(1, 5))]),
    chain(200),
    io:format("~p~n", [first_of([fun() -> timer:sleep(60000), slow end, fun() -> fast end])]),
    io:format("~p~n", [with_timeout(fun() -> timer:sleep(60000) end, 20)]),
    io:format("~p~n", [with_timeout(fun() -> done end, 30000)]),
    io:format("~p~n", [with_timeout(fun() -> exit(died) end, 30000)]),
    priority(),
    timers(),
    aliases(),
    [exits(R) || R <- [normal, shutdown, kill, {some, reason}]],
    names(),
    counters(),
    ring(50, 20),
    flush().

pmap(F, L) ->
    Self = self(),
    Refs = [begin {_, R} = spawn_monitor(fun() -> Self ! {self(), X, F(X)} end), {X, R} end || X <- L],
    [receive
         {'DOWN', R, process, P, normal} -> receive {P, X, V} -> V end;
         {'DOWN', R, process, _, {E, _}} -> {X, E}
     end || {X, R} <- Refs].

%% A chain of linked processes that falls when the last one dies.
chain(N) ->
    Self = self(),
    Pid = spawn_link(fun() -> build(N, Self) end),
    receive built -> ok end,
    Pid ! {pass, die},
    receive {'EXIT', Pid, Why} -> io:format("chain: ~p~n", [Why]) end.

build(0, Self) ->
    Self ! built,
    receive {pass, die} -> exit({end_of_chain, 0}) end;
build(N, Self) ->
    Next = spawn_link(fun() -> build(N - 1, Self) end),
    receive {pass, M} -> Next ! {pass, M} end,
    receive never -> ok end.

first_of(Fs) ->
    Self = self(),
    Ref = make_ref(),
    Pids = [spawn_link(fun() -> Self ! {Ref, F()} end) || F <- Fs],
    receive {Ref, V} ->
        [begin unlink(P), exit(P, kill) end || P <- Pids],
        V
    end.

with_timeout(F, Time) ->
    {P, R} = spawn_monitor(fun() -> exit({value, F()}) end),
    receive {'DOWN', R, process, P, Why} -> Why
    after Time ->
        demonitor(R, [flush]),
        exit(P, kill),
        timeout
    end.

priority() ->
    [self() ! M || M <- [{low, 1}, {high, 2}, {low, 3}, {high, 4}, other]],
    io:format("~p~n", [ordered([])]).

ordered(Acc) ->
    receive {high, N} -> ordered([{high, N} | Acc])
    after 0 ->
        receive
            {low, N} -> ordered([{low, N} | Acc]);
            other -> ordered([other | Acc])
        after 0 -> lists:reverse(Acc)
        end
    end.

timers() ->
    R1 = erlang:send_after(10, self(), first),
    R2 = erlang:start_timer(20, self(), second),
    R3 = erlang:send_after(100000, self(), never),
    Left = erlang:cancel_timer(R3),
    io:format("~p ~p~n", [Left > 90000, erlang:cancel_timer(R3)]),
    receive first -> ok end,
    receive {timeout, R2, second} -> ok end,
    io:format("~p~n", [[erlang:read_timer(R) || R <- [R1, R2, R3]]]),
    {ok, T} = timer:send_interval(5, tick),
    [receive tick -> ok end || _ <- [1, 2, 3]],
    {ok, cancel} = timer:cancel(T),
    {ok, _} = timer:apply_after(1, erlang, send, [self(), applied]),
    receive applied -> io:format("applied~n") end,
    ticks().

ticks() -> receive tick -> ticks() after 30 -> ok end.

aliases() ->
    A = alias([reply]),
    S = self(),
    spawn(fun() -> A ! {A, 1}, A ! {A, 2}, S ! sent end),
    receive sent -> ok end,
    io:format("~p~n", [[receive {A, N} -> N after 0 -> none end || _ <- [1, 2]]]),
    B = alias(),
    io:format("~p ~p~n", [unalias(B), unalias(B)]),
    {_, M} = spawn_monitor(fun() -> receive x -> ok end end),
    io:format("~p ~p~n", [demonitor(M, [info]), demonitor(M, [info])]).

exits(Reason) ->
    Trapping = spawn_link(fun() -> process_flag(trap_exit, true), receive {'EXIT', _, R} -> exit({trapped, R}) end end),
    Plain = spawn_link(fun() -> receive after infinity -> ok end end),
    [waits(P) || P <- [Trapping, Plain]],
    [exit(P, Reason) || P <- [Trapping, Plain]],
    io:format("~p: ~p~n", [Reason, [receive {'EXIT', Trapping, R} -> R end, outcome(Plain)]]),
    exit(Plain, kill),
    receive {'EXIT', Plain, _} -> ok after 10 -> ok end.

waits(P) ->
    case process_info(P, status) of
        {status, waiting} -> ok;
        _ -> timer:sleep(1), waits(P)
    end.

%% It answers after it has dealt with the exit signal.
outcome(P) ->
    case process_info(P, status) of
        undefined -> receive {'EXIT', P, Why} -> Why end;
        _ -> alive
    end.

loop(N) -> receive {add, K} -> loop(N + K); {get, P} -> P ! {n, N}, loop(N); stop -> N end.

names() ->
    P = spawn(?MODULE, loop, [0]),
    true = register(counter, P),
    io:format("~p~n", [[catch element(1, element(2, catch register(counter, self()))), whereis(counter) =:= P, lists:member(counter, registered())]]),
    [counter ! {add, I} || I <- lists:seq(1, 100)],
    counter ! {get, self()},
    receive {n, N} -> io:format("~p~n", [N]) end,
    waits(P),
    {current_function, {?MODULE, loop, 1}} = process_info(P, current_function),
    io:format("~p~n", [process_info(P, [registered_name, message_queue_len, links, status, trap_exit, priority, initial_call])]),
    R = monitor(process, counter),
    counter ! stop,
    receive {'DOWN', R, process, {counter, Node}, normal} -> io:format("~p ~p~n", [Node, whereis(counter)]) end,
    io:format("~p~n", [element(1, element(2, catch counter ! x))]),
    R2 = monitor(process, counter),
    receive {'DOWN', R2, process, _, Why} -> io:format("~p~n", [Why]) end.

counters() ->
    C = counters:new(3, [write_concurrency]),
    A = atomics:new(1, [{signed, false}]),
    Rs = [begin {_, R} = spawn_monitor(fun() -> [begin counters:add(C, 1, 1), atomics:add(A, 1, 2) end || _ <- lists:seq(1, 500)] end), R end || _ <- lists:seq(1, 8)],
    [receive {'DOWN', R, _, _, _} -> ok end || R <- Rs],
    io:format("~p ~p ~p~n", [counters:get(C, 1), atomics:get(A, 1), catch element(1, element(2, catch counters:get(C, 4)))]).

ring(N, Rounds) ->
    Self = self(),
    Last = lists:foldl(fun(_, Next) -> spawn(fun() -> forward(Next) end) end, Self, lists:seq(1, N)),
    Last ! {token, 0},
    Total = rounds(Rounds, Last),
    io:format("ring ~p~n", [Total]).

forward(Next) -> receive {token, K} -> Next ! {token, K + 1}, forward(Next); stop -> Next ! stop end.

rounds(1, Last) -> receive {token, K} -> Last ! stop, receive stop -> K end end;
rounds(N, Last) -> receive {token, K} -> Last ! {token, K}, rounds(N - 1, Last) end.

flush() -> receive {'EXIT', _, _} -> flush(); tick -> flush(); M -> io:format("left: ~p~n", [M]), flush() after 0 -> io:format("end~n") end.
