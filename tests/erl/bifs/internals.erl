%% The functions of erts_internal and the like that OTP's own modules call.
-module(internals).
-export([main/0]).
main() ->
    P = spawn(fun() -> receive stop -> ok end end),
    Dead = spawn(fun() -> ok end), M = monitor(process, Dead), receive {'DOWN', M, _, _, _} -> ok end,
    bif_calls:calls(erts_internal, [{F, []} || F <- [perf_counter_unit, time_unit]]),
    bif_calls:calls(erts_internal, [{is_system_process, [X]} || X <- [self(), whereis(erts_code_purger), Dead, a]]),
    bif_calls:wrong(erts_internal, is_system_process, [self()]),
    bif_calls:calls(erts_internal, [{system_check, [X]} || X <- [schedulers, x, 1]]),
    erlang:process_flag(save_calls, 0),
    bif_calls:wrong(erts_internal, garbage_collect, [major]),
    bif_calls:calls(erts_internal, [{garbage_collect, [X]} || X <- [major, minor, foo]]),
    bif_calls:wrong(erts_internal, group_leader, [group_leader(), P]),
    bif_calls:wrong(erts_internal, group_leader, [group_leader(), P, make_ref()]),
    flush(),
    [begin R = make_ref(), bif_calls:shape(erts_internal, is_process_alive, [X, R]), answer(R) end || X <- [P, Dead, self()]],
    bif_calls:wrong(erts_internal, is_process_alive, [P, make_ref()]),
    timer:sleep(200),  % an answer to one of these calls may be under way
    flush(),
    [bif_calls:shape(erts_internal, request_system_task, [X, normal, {garbage_collect, id, T}]) || X <- [P, self(), Dead], T <- [major, minor]],
    io:format("~p~n", [lists:sort([receive {garbage_collect, id, Answer} -> Answer after 5000 -> timeout end || _ <- lists:seq(1, 6)])]),
    [begin bif_calls:call(erts_internal, request_system_task, [self(), X, Prio, T]), answered() end
     || X <- [P, Dead], Prio <- [normal, inherit, foo],
        T <- [{garbage_collect, id, major}, {garbage_collect, id, x}, {check_process_code, id, lists}, {check_process_code, id, 1}, {foo, id, a}]],
    [bif_calls:shape(erts_internal, request_system_task, [P, Prio, {garbage_collect, id2, major}]) || Prio <- [low, normal, high, max, foo, 1]],
    bif_calls:wrong(erts_internal, request_system_task, [P, normal, {garbage_collect, x, major}]),
    bif_calls:calls(erts_internal, [{request_system_task, [P, normal, T]} || T <- [{foo, id}, {foo, id, bar}, {}, {garbage_collect, id}, {check_process_code, id, 1}]]),
    bif_calls:wrong(erts_internal, check_process_code, [lists]),
    bif_calls:wrong(erts_internal, suspend_process, [P, []]),
    bif_calls:calls(erts_internal, [{suspend_process, [P, O]} || O <- [[], [unless_suspending], [asynchronous], [{asynchronous, tag}], [return_already_suspended], [x], x]]),
    bif_calls:call(erts_internal, suspend_process, [Dead, []]),
    bif_calls:call(erts_internal, suspend_process, [self(), []]),
    bif_calls:wrong(erts_internal, ets_super_user, [false]),
    bif_calls:wrong(erts_internal, spawn_request, [lists, seq, [1, 2], []]),
    bif_calls:wrong(erts_internal, is_process_executing_dirty, [P]),
    bif_calls:wrong(erts_internal, purge_module, [lists, prepare]),
    bif_calls:wrong(erts_literal_area_collector, send_copy_request, [P, x, y]),
    bif_calls:call(erts_literal_area_collector, release_area_switch, []),
    bif_calls:wrong(erts_debug, flat_size, [a]), bif_calls:wrong(erts_debug, same, [a, a]),
    tables(),
    bif_calls:calls(io, [{printable_range, []}]),
    bif_calls:calls(prim_file, [{F, [X]} || F <- [internal_name2native, internal_native2name, is_translatable],
                                            X <- ["abc", <<"abc">>, "å", [16#4e2d], <<16#c3, 16#a5>>, <<255>>, [], <<>>, [0], <<0>>, a, [-1], [1 bsl 21], ["a", "b"], [$a | b], 1]]),
    bif_calls:wrong(re, version, []),
    services(Dead),
    exit(P, kill),
    io:format("done~n").

answered() -> io:format("~p~n", [receive Message -> Message after 50 -> none end]).

tables() ->
    T = ets:new(t, [ordered_set]), ets:insert(T, [{N, N * N} || N <- lists:seq(1, 10)]),
    bif_calls:calls(erts_internal, [{F, A} || {F, A} <- [{ets_raw_first, [T]}, {ets_raw_next, [T, 1]}, {ets_raw_next, [T, 10]}, {ets_raw_next, [T, 5.5]}]]),
    [bif_calls:wrong(erts_internal, F, A) || {F, A} <- [{ets_raw_first, [T]}, {ets_raw_next, [T, 1]}, {ets_lookup_binary_info, [T, 1]}, {ets_info_binary, [T]}]],
    bif_calls:calls(ets, [{internal_select_delete, [T, [{{'$1', '_'}, [{'>', '$1', 8}], [true]}]]}, {internal_select_delete, [T, [{'_', [], [false]}]]}, {internal_select_delete, [T, []]},
                          {internal_select_delete, [T, x]}, {internal_select_delete, [x, []]}, {internal_delete_all, [T, undefined]}, {internal_delete_all, [T, undefined]}]),
    ets:insert(T, [{N, N * N} || N <- lists:seq(1, 10)]),
    {First, C} = ets:select_reverse(T, [{{'$1', '_'}, [], ['$1']}], 4), io:format("~p~n", [First]),
    {Second, C2} = ets:select_reverse(C), io:format("~p~n", [Second]),
    {Third, C3} = ets:select_reverse(C2), io:format("~p ~p~n", [Third, ets:select_reverse(C3)]),
    bif_calls:wrong(ets, select_reverse, [C]), bif_calls:wrong(ets, select, [C]), bif_calls:wrong(ets, match, [C]), bif_calls:wrong(ets, match_object, [C]),
    bif_calls:shape(ets, internal_request_all, []),
    %% Before others put keys of all kinds into the table: the order of references is not the same twice.
    [bif_calls:wrong(ets, F, [T | A]) || {F, A} <- [{next, [1]}, {prev, [1]}, {first, []}, {last, []}]],
    %% Each with a table of its own, since wrong keys stay in it.
    [bif_calls:wrong(ets, F, [fresh() | A]) || {F, A} <- [{select_reverse, [[{'_', [], ['$_']}]]}, {select_reverse, [[{'_', [], ['$_']}], 3]}, {update_element, [1, {2, x}]},
        {update_counter, [1, 1]}, {update_counter, [1, 1, {1, 0}]}, {lookup_element, [1, 2]}, {member, [1]}, {lookup, [1]},
        {insert, [{100, 1}]}, {insert_new, [{101, 1}]}, {delete_object, [{1, 1}]}, {take, [200]}, {slot, [0]}, {match, [{'$1', '_'}]}, {match, [{'$1', '_'}, 2]},
        {match_object, [{'$1', '_'}]}, {match_object, [{'$1', '_'}, 2]}, {select, [[{'_', [], ['$_']}]]}, {select, [[{'_', [], ['$_']}], 2]}, {select_count, [[{'_', [], [true]}]]},
        {select_replace, [[{{'$1', '$2'}, [], [{{'$1', x}}]}]]}, {safe_fixtable, [true]}, {setopts, [{heir, none}]}, {give_away, [self(), x]}, {rename, [newname]}, {info, [size]}]],
    [bif_calls:wrong(ets, F, A) || {F, A} <- [{new, [x, []]}, {whereis, [nosuch]}, {is_compiled_ms, [x]}, {match_spec_compile, [[]]}, {match_spec_run_r, [[], x, []]}, {delete, [nosuch]}, {info, [nosuch]}]].

fresh() -> T = ets:new(t, [ordered_set]), ets:insert(T, [{N, N * N} || N <- lists:seq(1, 10)]), T.
answer(R) -> receive {R, X} -> io:format("~p~n", [X]) after 5000 -> io:format("no answer~n") end.
flush() -> receive _ -> flush() after 0 -> ok end.

%% What OTP's own modules ask of the code server, the logger and so on.
services(Dead) ->
    bif_calls:calls(erl_prim_loader, [{get_file, [X]} || X <- ["nosuch.beam", a, 1, [], "/nosuch/x.beam"]]),
    bif_calls:calls(application_controller, [{get_env, A} || A <- [[kernel, nokey], [noapp, k], [1, 2]]]),
    bif_calls:calls(code, [{where_is_file, [X]} || X <- ["nosuch.beam", [], "no/such", foo, 1, <<"a">>]]),
    io:format("~p~n", [filename:basename(code:where_is_file("lists.beam"))]),
    bif_calls:calls(erts_internal, [{F, A} || {F, A} <- [{scheduler_wall_time, [false]}, {scheduler_wall_time, [true]},
        {scheduler_wall_time, [false]}, {process_display, [a, backtrace]}, {process_display, [self(), foo]},
        {process_display, [Dead, backtrace]}]]),
    bif_calls:calls(erts_debug, [{F, A} || {F, A} <- [{get_internal_state, [available_internal_state]}, {set_internal_state, [a, b]}, {interpreter_size, []},
        {lcnt_clear, []}, {lcnt_collect, []}, {lcnt_control, [mask]}, {lcnt_control, [foo]}, {lcnt_control, [mask, []]}]]),
    bif_calls:calls(net_kernel, [{dflag_unicode_io, [X]} || X <- [self(), Dead]]),
    bif_calls:calls(erlang, [{nodes, A} || A <- [[this, O] || O <- [#{}, #{connection_id => true}, #{node_type => true}, #{node_type => true, connection_id => false},
        #{node_type => true, connection_id => true}, #{x => true}, #{node_type => foo}]] ++ [[W, #{node_type => true}] || W <- [visible, hidden, known, connected, [],
        [this, visible], [visible, connected], foo, [foo], node()]]]),
    bif_calls:wrong(erlang, nodes, [known, #{}]).
