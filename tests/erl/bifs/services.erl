%% Functions that OTP's own code calls rarely: of system processes, dirty threads, nodes, ports.
-module(services).
-export([main/0]).

main() ->
    Dead = spawn(fun() -> ok end), M = monitor(process, Dead), receive {'DOWN', M, _, _, _} -> ok end,
    io:format("~p~n", [is_list(erlang:ports())]),
    {module, timer} = code:ensure_loaded(timer),
    bif_calls:calls(erts_internal, [{dirty_process_handle_signals, [X]} || X <- [a, Dead]]),
    bif_calls:wrong(erts_internal, check_dirty_process_code, [Dead, lists]),
    bif_calls:shape(erts_internal, spawn_system_process, [timer, sleep, [infinity]]),
    bif_calls:shape(erts_internal, dist_spawn_request, [no@where, {lists, seq, [1, 2]}, [], spawn_opt]),
    [bif_calls:shape(erts_internal, dist_spawn_request, [Node, Call, Options, spawn_request])
     || {Node, Call, Options} <- [{1, {lists, seq, [1, 2]}, []}, {no@where, {lists, seq}, []}, {no@where, {1, seq, []}, []},
                                  {no@where, {lists, seq, [1 | 2]}, []}, {no@where, {lists, seq, []}, x}, {no@where, {lists, seq, []}, [1 | 2]}]],
    flush(),
    [begin bif_calls:shape(erts_internal, dist_spawn_request, [no@where, {lists, seq, [1, 2]}, Options, spawn_request]), flush() end
     || Options <- [[monitor], [{reply, no}], [{reply, success_only}], [{reply_tag, tag}], [link | monitor], [{monitor, [alias]}]]],
    persistent_term:put(?MODULE, 1),
    bif_calls:call(erts_internal, erase_persistent_terms, []),
    bif_calls:call(persistent_term, get, [?MODULE, erased]),
    halt(0).

flush() ->
    receive Message -> io:format("got ~0p~n", [without_ref(Message)]), flush() after 100 -> ok end.

without_ref(Message) when is_tuple(Message) -> list_to_tuple([case is_reference(E) of true -> ref; false -> E end || E <- tuple_to_list(Message)]);
without_ref(Message) -> Message.
