%% A counter in a table, and clients that each add to it. The sum is wrong if one of them reads what another is about to write. Processes that
%% have so little to do come to their ends in one slice, so it nearly never happens:
%%
%%     lintel run lost_update.beam                                  says that all is well
%%     lintel run --seeds 1..10000 --until-failure lost_update.beam finds a seed with which it is not
-module(lost_update).
-export([main/1]).

main([]) -> main(["3"]);
main([Clients]) ->
    N = list_to_integer(Clients),
    Counter = ets:new(counter, [public]),
    ets:insert(Counter, {sum, 0}),
    Running = [spawn_monitor(fun() -> add(Counter, 10) end) || _ <- lists:seq(1, N)],
    [receive {'DOWN', Ref, process, Pid, normal} -> ok end || {Pid, Ref} <- Running],
    check(value(Counter), 10 * N).

%% This is the mistake: ets:update_counter(Counter, sum, Amount) does both in one.
add(Counter, Amount) ->
    Sum = value(Counter),
    ets:insert(Counter, {sum, Sum + Amount}).

value(Counter) ->
    [{sum, Sum}] = ets:lookup(Counter, sum),
    Sum.

check(Sum, Sum) -> io:format("all is well: ~w~n", [Sum]);
check(Sum, Expected) ->
    io:format("lost update: ~w instead of ~w~n", [Sum, Expected]),
    halt(1).
