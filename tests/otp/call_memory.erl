%% Words that functions make (call_memory, OTP 26): what both engines make of the same terms.
-module(call_memory).
-export([main/0, first/1, list/1, tuples/1, own/1, none/1, body/1, receives/0, both/1, collects/1, grows/2]).

main() ->
    show("none", [catch_class(fun() -> erlang:trace_info({?MODULE, list, 1}, K) end) || K <- [call_memory, all]]),
    case catch_class(fun() -> erlang:trace_pattern({?MODULE, '_', '_'}, true, [call_memory]) end) of
        {returned, _} -> measured();
        {error, badarg} -> io:format("there is none~n")
    end.

measured() ->
    [show(atom_to_list(F), in_process(F, A)) || {F, A} <- [{list, [10]}, {tuples, [10]}, {own, [5]}, {none, [5]}, {body, [20]}, {both, [4]}]],
    show("collects", in_process(collects, [2000])),
    show("receives", in_process(receives, [])),
    show("spawned with it", spawned()),
    % Over several calls
    {Pid, Stop} = looping(),
    [call(Pid, F, A) || {F, A} <- [{list, [1]}, {list, [2]}, {own, [3]}]],
    show("sums", infos(Pid)),
    show("paused", [erlang:trace_pattern({?MODULE, list, 1}, pause, [call_memory]), call(Pid, list, [5]), info(Pid, list)]),
    show("again", [erlang:trace_pattern({?MODULE, list, 1}, restart, [call_memory]), call(Pid, list, [5]), info(Pid, list)]),
    show("all", [erlang:trace_info({?MODULE, F, 1}, call_memory) =/= false || F <- [list, first]]),
    show("time, too", [erlang:trace_pattern({?MODULE, list, 1}, true, [call_time]), call(Pid, list, [5]), info(Pid, list),
                       [{P =:= Pid, C} || {P, C, _, _} <- element(2, erlang:trace_info({?MODULE, list, 1}, call_time))]]),
    erlang:trace_pattern({?MODULE, list, 1}, false, [call_time]),
    show("off", [erlang:trace_pattern({?MODULE, '_', '_'}, false, [call_memory]), erlang:trace_info({?MODULE, list, 1}, call_memory)]),
    Stop(),
    % What goes with it
    show("errors", [catch_class(fun() -> erlang:trace_pattern({?MODULE, list, 1}, P, Fs) end) ||
        {P, Fs} <- [{[{'_', [], []}], [call_memory]}, {true, [global, call_memory]}, {true, [call_memory, global]}, {true, [call_memory, nothing]}]]),
    show("on_load", [erlang:trace_pattern(on_load, true, [call_memory]), erlang:trace_info(on_load, call_memory), erlang:trace_info(on_load, call_time),
                     erlang:trace_pattern(on_load, false, [call_memory]), erlang:trace_info(on_load, call_memory)]).

%% ---- what is measured

first(X) -> [X].
list(N) -> lists:seq(1, N).
tuples(0) -> [];
tuples(N) -> [{N, N} | tuples(N - 1)].
own(N) -> L = [list(N), list(N)], {L, N}.
none(N) -> N + 1.
body(0) -> 0;
body(N) -> 1 + body(N - 1).
both(N) -> {first(N), tuples(N)}.
collects(N) -> L = grows(N, []), erlang:garbage_collect(), {length(L), first(N)}.
grows(0, L) -> L;
grows(N, L) -> grows(N - 1, [N | L]).
receives() -> self() ! {some, [self()]}, receive {some, L} -> first(L) end.

%% ---- how

in_process(F, A) ->
    {Pid, Stop} = looping(),
    Result = [call(Pid, F, A), infos(Pid)],
    Stop(),
    Result.

looping() ->
    erlang:trace_pattern({?MODULE, '_', '_'}, restart, [call_memory]),
    Main = self(),
    Pid = spawn(fun() -> Main ! called, loop(Main) end),
    receive called -> ok end,
    erlang:trace_pattern({?MODULE, loop, 1}, false, [call_memory]),
    erlang:trace(Pid, true, [call]),
    {Pid, fun() -> exit(Pid, kill) end}.

loop(Main) -> receive {call, F, A} -> apply(?MODULE, F, A), Main ! called, loop(Main) end.

call(Pid, F, A) -> Pid ! {call, F, A}, receive called -> called after 5000 -> too_long end.

spawned() ->
    erlang:trace_pattern({?MODULE, '_', '_'}, restart, [call_memory]),
    erlang:trace(new_processes, true, [call]),
    {Pid, Monitor} = spawn_monitor(?MODULE, list, [7]),
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    erlang:trace(new_processes, false, [call]),
    info(Pid, list).

infos(Pid) -> [{F, A, C, W} || {F, A} <- lists:sort(?MODULE:module_info(functions)), {C, W} <- [info(Pid, F, A)], C > 0].

info(Pid, F) -> info(Pid, F, 1).
info(Pid, F, A) ->
    case erlang:trace_info({?MODULE, F, A}, call_memory) of
        {call_memory, L} when is_list(L) -> case lists:keyfind(Pid, 1, L) of {_, C, W} -> {C, W}; false -> {0, 0} end;
        {call_memory, Other} -> {Other, 0}
    end.

catch_class(F) -> try F() of V -> {returned, V} catch C:R -> {C, R} end.

show(What, T) -> io:format("~ts: ~0tp~n", [What, T]).
