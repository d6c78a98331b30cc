%% erts_debug:set_internal_state/2 and get_internal_state/1, as far as OTP's own tests need them and they mean something here.
-module(internal_state).
-export([main/0]).

main() ->
    logger:set_primary_config(level, error),
    Ask = fun() ->
        [set(Key, Value) || {Key, Value} <- [{reds_left, 100}, {reds_left, a}, {sleep, 1}, {sleep, a}, {wait, thread_progress}, {wait, deallocations},
                                             {wait, timer_cancellations}, {wait, x}, {ets_force_trap, true}, {mbuf, {a, "b", 1.5, <<"binary">>}}, {mbuf, a},
                                             {nothing, 1}, {1, 2}]],
        [get_state(Key) || Key <- [available_internal_state, force_heap_frags, flxctr_memory_usage, nothing, {nothing, 1}, {nothing}, "s",
                                   {process_status, self()}, {process_status, dead()}, {process_status, waiting()}, {process_status, a}]],
        show([is_integer(get_value(reds_left)), ordsets:is_subset([self()], ordsets:from_list(get_value(processes))),
              lists:keymember(total, 1, get_value(memory))])
    end,
    [set(available_internal_state, Value) || Value <- [x, false]],
    Ask(),
    [set(available_internal_state, Value) || Value <- [true, x, true]],
    Ask(),
    [set(available_internal_state, Value) || Value <- [false, false]],
    get_state(reds_left).

set(Key, Value) -> show({Key, Value, result(set_internal_state, [Key, Value])}).
get_state(Key) when is_tuple(Key) -> show({element(1, Key), result(get_internal_state, [Key])});
get_state(Key) -> show({Key, result(get_internal_state, [Key])}).
get_value(Key) -> try erts_debug:get_internal_state(Key) catch _:_ -> [] end.

result(Function, Arguments) ->
    try apply(erts_debug, Function, Arguments) catch Class:Reason:Stack -> {Class, Reason, element(2, hd(Stack))} end.

dead() ->
    {Pid, Monitor} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Monitor, _, _, _} -> Pid end.

waiting() ->
    Pid = spawn(fun() -> receive never -> ok end end),
    until(fun() -> process_info(Pid, status) =:= {status, waiting} end),
    Pid.

until(Test) -> Test() orelse begin timer:sleep(1), until(Test) end.

show(Term) -> io:format("~p~n", [Term]).
