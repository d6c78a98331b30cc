%% system_flag(multi_scheduling, …), schedulers_online, microstate accounting.
-module(scheduling).
-export([main/0]).

main() ->
    Online = erlang:system_info(schedulers_online),
    state(),
    [flag(F) || F <- [block, block, unblock, unblock, unblock, block_normal, block_normal, block, unblock_normal, unblock, unblock_normal,
                      unblock_normal]],
    [bif_calls:call(erlang, system_flag, [multi_scheduling, F]) || F <- [foo, 1, [], true]],
    others(),
    alone(),
    dirty(),
    %% The number of schedulers that are online, while all but one are blocked and afterwards.
    flag(block),
    p(erlang:system_flag(schedulers_online, 1) =:= Online),
    p(erlang:system_info(schedulers_online)),
    flag(unblock),
    p(erlang:system_flag(schedulers_online, Online)),
    p(erlang:system_info(schedulers_online) =:= Online),
    bif_calls:wrong(erlang, system_flag, [multi_scheduling, none]),
    accounting().

flag(F) ->
    p({F, erlang:system_flag(multi_scheduling, F)}),
    state().

state() ->
    {Total, _, Active} = erlang:system_info(schedulers_state),
    State = erlang:system_info(multi_scheduling),
    p({State, Total =:= erlang:system_info(schedulers), State =:= enabled orelse Active =:= 1,
       [blockers(B) || B <- [multi_scheduling_blockers, normal_multi_scheduling_blockers]]}).

%% With one scheduler nobody is named.
blockers(Which) ->
    Pids = erlang:system_info(Which),
    Blocked = case {erlang:system_info(multi_scheduling), Which} of
        {blocked, multi_scheduling_blockers} -> [self()];
        {blocked_normal, normal_multi_scheduling_blockers} -> [self()];
        _ -> Pids
    end,
    erlang:system_info(schedulers) =:= 1 orelse Pids =:= Blocked.

%% Blocks of several processes; one that ends gives back what it has.
others() ->
    Me = self(),
    Blocker = fun(Kind) -> spawn_monitor(fun() ->
        Me ! {blocked, erlang:system_flag(multi_scheduling, Kind), erlang:system_flag(multi_scheduling, Kind)},
        receive stop -> ok end
    end) end,
    {A, Ma} = Blocker(block),
    receive Blocked1 -> p(Blocked1) end,
    {B, Mb} = Blocker(block_normal),
    receive Blocked2 -> p(Blocked2) end,
    p(erlang:system_flag(multi_scheduling, unblock)),
    A ! stop,
    receive {'DOWN', Ma, _, _, _} -> ok end,
    wait_for(blocked_normal),
    exit(B, kill),
    receive {'DOWN', Mb, _, _, _} -> ok end,
    wait_for(enabled).

wait_for(State) ->
    case erlang:system_info(multi_scheduling) of
        State -> p(State);
        _ -> timer:sleep(1), wait_for(State)
    end.

%% Nobody else runs while the process that has blocked uses its slice.
alone() ->
    Counter = atomics:new(1, []),
    Busy = [spawn(fun() -> count(Counter) end) || _ <- lists:seq(1, 8)],
    p([begin
           flag_only(Block),
           Quiet = [begin
                        erlang:yield(),
                        Before = atomics:get(Counter, 1),
                        atomics:get(Counter, 1) =:= Before
                    end || _ <- lists:seq(1, 300)],
           flag_only(Unblock),
           lists:usort(Quiet)
       end || {Block, Unblock} <- [{block, unblock}, {block_normal, unblock_normal}]]),
    [exit(P, kill) || P <- Busy].

flag_only(F) -> erlang:system_flag(multi_scheduling, F).
count(Counter) -> atomics:add(Counter, 1, 1), count(Counter).
spin(0) -> ok;
spin(N) -> spin(N - 1).

%% Dirty BIFs still run while everything else is blocked.
dirty() ->
    flag_only(block),
    p(erts_debug:dirty_io(wait, 1)),
    flag_only(unblock),
    p(erts_debug:dirty_cpu(wait, 1)).

accounting() ->
    p([erlang:system_flag(microstate_accounting, F) || F <- [false, true, true, reset, false, reset, false]]),
    [bif_calls:call(erlang, system_flag, [microstate_accounting, F]) || F <- [foo, 1]],
    p(lists:usort([lists:sum(maps:values(C)) || #{counters := C} <- statistics(microstate_accounting)])),
    erlang:system_flag(microstate_accounting, true),
    lists:foldl(fun(X, S) -> length(lists:duplicate(100, X)) + S end, 0, lists:seq(1, 100000)),
    timer:sleep(20),
    false = not erlang:system_flag(microstate_accounting, false),
    States = statistics(microstate_accounting),
    Schedulers = [S || #{type := scheduler} = S <- States],
    p(lists:sort([Id || #{id := Id} <- Schedulers]) =:= lists:seq(1, erlang:system_info(schedulers))),
    [p({Type, lists:sort([Id || #{type := T, id := Id} <- States, T =:= Type]) =:= lists:seq(1, erlang:system_info(Number))})
     || {Type, Number} <- [{dirty_cpu_scheduler, dirty_cpu_schedulers}, {dirty_io_scheduler, dirty_io_schedulers}]],
    p(lists:usort([maps:keys(S) || S <- States])),
    p(lists:usort([maps:keys(C) || #{counters := C} <- States])),
    p([{Key, lists:sum([maps:get(Key, C) || #{counters := C} <- Schedulers]) > 0} || Key <- [emulator, gc, sleep]]),
    p(lists:usort([V >= 0 || #{counters := C} <- States, V <- maps:values(C)])),
    spin(100000),
    p(lists:sort(statistics(microstate_accounting)) =:= lists:sort(States)).

p(X) -> io:format("~p~n", [X]).
