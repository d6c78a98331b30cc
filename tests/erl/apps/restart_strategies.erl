%% Supervisors: one_for_one, rest_for_one, one_for_all, simple_one_for_one; intensity; terminate, delete, restart of children;
%% order of start and of stop; significant children and auto_shutdown.
-module(restart_strategies).
-behaviour(supervisor).
-export([main/0, start_child/3, init/1, child/3]).

main() ->
    process_flag(trap_exit, true),
    [strategy(S) || S <- [one_for_one, rest_for_one, one_for_all]],
    intensity(),
    dynamic(),
    restart_types(),
    shutdown_times(),
    auto_shutdown(),
    [io:format("~p~n", [supervisor:start_link(?MODULE, Bad)]) || Bad <- [no_spec, {#{strategy => any_for_all}, []}, {#{}, [#{id => x}]},
        {#{}, [spec(a, permanent), spec(a, permanent)]}, {#{intensity => -1}, []}, ignore, {#{}, [#{id => x, start => {?MODULE, start_child, [x, self(), fail]}}]}]],
    io:format("~p~n", [supervisor:check_childspecs([spec(a, permanent), #{id => b, start => {m, f, 1}}])]),
    io:format("~p~n", [supervisor:check_childspecs([{c, {m, f, []}, temporary, brutal_kill, worker, [m]}])]),
    steps().

init(ignore) -> ignore;
init(no_spec) -> no_spec;
init({Flags, Children}) -> {ok, {Flags, Children}}.

spec(Id, Restart) -> #{id => Id, start => {?MODULE, start_child, [Id, self(), ok]}, restart => Restart}.

start_child(Id, Log, Mode) -> proc_lib:start_link(?MODULE, child, [Id, Log, Mode]).

child(Id, Log, fail) ->
    Log ! {step, {fails, Id}},
    proc_lib:init_ack({error, {cannot, Id}});
child(Id, Log, Mode) ->
    process_flag(trap_exit, Mode =/= brutal),
    catch register(Id, self()),
    Log ! {step, {up, Id}},
    proc_lib:init_ack({ok, self()}),
    loop(Id, Log, Mode).

loop(Id, Log, Mode) ->
    receive
        {crash, Why} -> exit(Why);
        {'EXIT', _, shutdown} when Mode =:= stubborn -> loop(Id, Log, Mode);
        {'EXIT', _, Why} ->
            Log ! {step, {down, Id, Why}},
            exit(Why)
    end.

%% What has been logged. Supervisors answer after what their children logged, so nothing is to be waited for.
steps() -> receive {step, S} -> io:format("  ~p~n", [S]), steps(); {'EXIT', _, _} -> steps() after 0 -> ok end.

crash(Sup, Id, Why) ->
    case whereis(Id) of
        undefined -> ok;
        Pid ->
            Monitor = monitor(process, Pid),
            Pid ! {crash, Why},
            receive {'DOWN', Monitor, _, _, _} -> settle(Sup) end
    end,
    steps().

%% Until the supervisor has noticed who died, or has ended itself.
settle(Sup) ->
    try lists:all(fun({_, P, _, _}) -> not is_pid(P) orelse is_process_alive(P) end, supervisor:which_children(Sup)) of
        true -> ok;
        false -> timer:sleep(5), settle(Sup)
    catch
        exit:_ -> ok
    end.

stop(Sup) ->
    exit(Sup, shutdown),
    receive {'EXIT', Sup, Why} -> io:format("ends: ~p~n", [Why]) end,
    steps().

children(Sup) -> [{Id, is_pid(P), T, M} || {Id, P, T, M} <- supervisor:which_children(Sup)].

strategy(Strategy) ->
    io:format("~p~n", [Strategy]),
    {ok, Sup} = supervisor:start_link(?MODULE, {#{strategy => Strategy, intensity => 5, period => 60}, [spec(I, permanent) || I <- [a, b, c]]}),
    steps(),
    crash(Sup, b, oops),
    io:format("~p~n~p~n", [children(Sup), supervisor:count_children(Sup)]),
    io:format("~p~n", [supervisor:terminate_child(Sup, a)]),
    steps(),
    io:format("~p~n", [supervisor:restart_child(Sup, b)]),
    io:format("~p~n", [element(1, supervisor:restart_child(Sup, a))]),
    io:format("~p~n", [supervisor:delete_child(Sup, c)]),
    io:format("~p~n", [supervisor:terminate_child(Sup, c)]),
    io:format("~p~n", [supervisor:delete_child(Sup, c)]),
    io:format("~p~n", [supervisor:delete_child(Sup, none)]),
    {ok, _} = supervisor:start_child(Sup, spec(d, transient)),
    {error, {already_started, _}} = supervisor:start_child(Sup, spec(d, transient)),
    steps(),
    stop(Sup).

intensity() ->
    {ok, Sup} = supervisor:start_link(?MODULE, {#{intensity => 2, period => 100}, [spec(x, permanent), spec(y, permanent)]}),
    [crash(Sup, x, N) || N <- [1, 2, 3]],
    io:format("alive: ~p~n", [is_process_alive(Sup)]).

dynamic() ->
    {ok, Sup} = supervisor:start_link(?MODULE, {#{strategy => simple_one_for_one, intensity => 3},
                                                [#{id => worker, start => {?MODULE, start_child, []}, restart => transient}]}),
    Pids = [begin {ok, P} = supervisor:start_child(Sup, [I, self(), ok]), P end || I <- [w1, w2, w3]],
    io:format("~p~n", [supervisor:start_child(Sup, [w4, self(), fail])]),
    steps(),
    crash(Sup, w1, normal),
    crash(Sup, w2, bad),
    io:format("~p~n~p~n", [children(Sup), lists:sort(supervisor:count_children(Sup))]),
    io:format("~p~n", [supervisor:terminate_child(Sup, lists:last(Pids))]),
    io:format("~p~n", [supervisor:terminate_child(Sup, worker)]),
    io:format("~p~n", [supervisor:delete_child(Sup, worker)]),
    io:format("~p~n", [length(children(Sup))]),
    {ok, _} = supervisor:start_child(Sup, [w5, self(), ok]),
    [supervisor:terminate_child(Sup, P) || P <- [whereis(w2), whereis(w5)]],
    stop(Sup).

restart_types() ->
    {ok, Sup} = supervisor:start_link(?MODULE, {#{intensity => 9}, [spec(permanent, permanent), spec(transient, transient), spec(temporary, temporary)]}),
    steps(),
    [begin
         crash(Sup, Id, Why),
         io:format("~p ~p: ~p~n", [Id, Why, [{I, P =:= undefined} || {I, P, _, _} <- supervisor:which_children(Sup)]])
     end || Why <- [normal, {shutdown, x}], Id <- [permanent, transient]],
    crash(Sup, temporary, boom),
    {ok, Spec} = supervisor:get_childspec(Sup, transient),
    io:format("~p~n~p~n", [maps:without([start], Spec), children(Sup)]),
    stop(Sup).

shutdown_times() ->
    {ok, Sup} = supervisor:start_link(?MODULE, {#{}, [
        (spec(kind, permanent))#{shutdown => 1000},
        (spec(killed, permanent))#{shutdown => brutal_kill},
        #{id => late, start => {?MODULE, start_child, [late, self(), stubborn]}, shutdown => 20}]}),
    steps(),
    stop(Sup).

auto_shutdown() ->
    {ok, Sup} = supervisor:start_link(?MODULE, {#{auto_shutdown => any_significant}, [spec(z, permanent), (spec(s, transient))#{significant => true}]}),
    crash(Sup, s, normal),
    io:format("alive: ~p~n", [is_process_alive(Sup)]).
