%% Where and how long functions run, exceptions behind that, messages, monitors, threads, tracing of what is native.
-module(run).
-export([main/0, hop/2, raise_later/2, send_to/2, work/1]).
-on_load(init/0).

init() -> erlang:load_nif("./run", 0).

-define(STUB, erlang:nif_error(not_loaded)).
hop(_, _) -> ?STUB.
raise_later(_, _) -> ?STUB.
bad_schedule() -> ?STUB.
bad_schedule(_) -> ?STUB.
long_work(_, _) -> ?STUB.
sleep_ms(_) -> ?STUB.
send_to(_, _) -> ?STUB.
send_dirty(_, _) -> ?STUB.
from_thread(_, _) -> ?STUB.
locks() -> ?STUB.
watch(_, _) -> ?STUB.
unwatch(_) -> ?STUB.
shared_bytes() -> ?STUB.
memory() -> ?STUB.

main() ->
    show([hop(0, []), hop(1, []), hop(10, [end_of_it])]),
    [show(trace(catch raise_later(Kind, [some, {reason, Kind}]))) || Kind <- [0, 1, 2]],
    show([trace(catch bad_schedule()), trace(catch bad_schedule(1))]),
    show(catch long_work(200, 0)),
    Ends = [spawn_monitor(fun() -> exit(work(50)) end) || _ <- lists:seq(1, 20)],
    show(lists:usort([receive {'DOWN', R, process, P, Why} -> Why end || {P, R} <- Ends])),
    % Killed while it runs
    {Slow, Monitor} = spawn_monitor(fun() -> sleep_ms(300), sleep_ms(20000) end),
    timer:sleep(100),
    exit(Slow, kill),
    show(receive {'DOWN', Monitor, process, Slow, W} -> W after 5000 -> too_long end),
    % Messages
    show([send_to(self(), {some, <<"message">>, [1.5]}), receive A -> A end, receive B -> B end]),
    show([send_dirty(self(), binary:copy(<<"long">>, 100)) | [receive M -> M end || _ <- [1, 2]]]),
    Gone = spawn(fun() -> ok end),
    timer:sleep(100),
    show([send_to(Gone, x), trace(catch send_to(gone, x)), from_thread(self(), [from, a, thread]), receive T -> T end, locks(), memory()]),
    show([shared_bytes(), erlang:garbage_collect(), shared_bytes()]),
    % Monitors
    Watched = spawn(fun() -> receive stop -> ok end end),
    {0, Resource, Is} = watch(self(), Watched),
    show(process_info(Watched, monitored_by) =:= {monitored_by, [Resource]}),
    monitor(process, Watched),
    show(process_info(Watched, monitored_by) =:= {monitored_by, [self(), Resource]}),
    show(lists:member(?MODULE, erlang:system_info(taints))),
    Watched ! stop,
    show([Is, receive {down, Watched, Same} -> Same after 5000 -> nothing end, unwatch(Resource)]),
    Other = spawn(fun() -> receive stop -> ok end end),
    {0, Second, _} = watch(self(), Other),
    show(unwatch(Second)),
    show(process_info(Other, monitored_by)),
    exit(Other, kill),
    show(receive {down, _, _} = D -> D after 200 -> nothing end),
    {Result, _, _} = watch(self(), Gone),
    show(Result > 0),
    show(many_watched(200)),
    % Tracing
    erlang:trace(self(), true, [call]),
    erlang:trace_pattern({?MODULE, hop, 2}, [{'_', [], [{return_trace}]}], [local]),
    erlang:trace_pattern({?MODULE, sleep_ms, 1}, true, [local]),
    Tracer = self(),
    P3 = spawn(fun() -> receive go -> hop(2, []), ?MODULE:hop(1, [x]), sleep_ms(1), catch raise_later(1, r), Tracer ! done end end),
    erlang:trace(P3, true, [call]),
    P3 ! go,
    show(collect()),
    erlang:trace_pattern({?MODULE, '_', '_'}, false, [local]),
    show(hop(3, [])),
    ok.

work(N) -> {done, _} = long_work(N * 10, 0).

many_watched(N) ->
    Pids = [spawn(fun() -> receive stop -> ok after 5000 -> ok end end) || _ <- lists:seq(1, N)],
    All = [begin {0, R, _} = watch(self(), P), R end || P <- Pids],
    [P ! stop || P <- Pids],
    Told = length([x || P <- Pids, receive {down, P, 0} -> true after 5000 -> false end]),
    {length(All), Told}.  % a resource that is garbage watches nobody

collect() -> receive {trace, _, call, C} -> [{call, C} | collect()]; {trace, _, return_from, F, V} -> [{return, F, V} | collect()]; done -> [] after 5000 -> [nothing] end.

trace({'EXIT', {Reason, [{M, F, A, L} | _]}}) -> {raised, Reason, M, F, A, L};
trace(Other) -> Other.

show(T) -> io:format("~0tp~n", [T]).
