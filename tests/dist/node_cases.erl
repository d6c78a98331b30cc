%% Two nodes over TCP, as OTP connects them: -run node_cases main CASE OTHER on one of them, OTHER being the name of the other.
-module(node_cases).
-export([main/1, slow/0, wait/1]).
-import(dist_cases, [say/2, hide/1, got/0]).

main([Case, Other]) ->
    process_flag(trap_exit, true),
    try run(list_to_atom(Case), list_to_atom(Other)) of
        _ -> say("end of ~s", [Case])
    catch
        Class:Reason:Trace -> say("~p ~p ~p", [Class, hide(Reason), hide(Trace)])
    end,
    halt().

slow() -> timer:sleep(2000), slow.
wait(Pid) -> Pid ! {self(), here}, receive after infinity -> ok end.

start_echo(Other) ->
    spawn(Other, dist_cases, start_echo, [self()]),
    receive ready -> ok end.

run(ping, Other) ->
    say("~p ~p", [node(), nodes()]),
    say("~p", [net_adm:ping(Other)]),
    say("~p ~p ~p", [nodes(), nodes(hidden), nodes(this)]),
    say("~p", [net_adm:ping('nobody@localhost')]),
    say("~p ~p", [node(rpc:call(Other, erlang, self, [])), rpc:call(Other, erlang, nodes, [])]),
    say("~p", [lists:sort(nodes(known)) -- ['nonode@nohost']]),
    say("~p", [{is_alive(), erlang:get_cookie()}]);
run(hidden, Other) ->
    say("~p", [net_adm:ping(Other)]),
    say("~p ~p ~p", [nodes(), nodes(hidden), nodes(connected)]),
    say("~p", [nodes([hidden], #{node_type => true})]),
    say("~p", [rpc:call(Other, erlang, nodes, [hidden])]);
run(rpc, Other) ->
    say("~p", [rpc:call(Other, lists, seq, [1, 5])]),
    say("~p", [rpc:call(Other, erlang, error, [bad])]),
    say("~p", [rpc:call(Other, erlang, throw, [ball])]),
    say("~p", [rpc:call(Other, node_cases, slow, [])]),
    say("~p", [rpc:call(Other, node_cases, slow, [], 100)]),
    say("~p", [rpc:call('nobody@localhost', lists, seq, [1, 5])]),
    say("~p", [rpc:multicall([node(), Other], erlang, node, [])]),
    say("~p", [rpc:block_call(Other, lists, reverse, [[1, 2]])]),
    Key = rpc:async_call(Other, lists, max, [[1, 7, 3]]),
    say("~p", [rpc:yield(Key)]),
    say("~p", [erpc:call(Other, lists, seq, [1, 5])]),
    say("~p", [catch erpc:call(Other, lists, seq, [1])]),
    say("~p", [try erpc:call(Other, erlang, exit, [gone]) catch A:B -> {A, hide(B)} end]),
    say("~p", [try erpc:call(Other, fun() -> receive after infinity -> ok end end, 100) catch C:D -> {C, D} end]),
    say("~p", [erpc:call(Other, fun() -> {node(), here} end)]),
    say("~p", [erpc:multicall([node(), Other], erlang, node, [])]),
    Id = erpc:send_request(Other, lists, sum, [[1, 2, 3]]),
    say("~p", [erpc:receive_response(Id)]),
    Self = self(),
    erpc:cast(Other, fun() -> Self ! cast end),
    say("~p", [got()]);
run(Case, Other) when Case =:= messages; Case =:= spawns; Case =:= links; Case =:= monitors ->
    start_echo(Other),
    dist_cases:Case(Other);
run(sequences, Other) ->
    Pid = spawn(Other, dist_cases, token_echo, [self()]),
    Alias = receive {alias, A} -> A end,
    Tracer = spawn_link(fun() -> receive {stop, From, N} -> From ! {events, [receive {seq_trace, _, _} = E -> E after 1000 -> none end || _ <- lists:seq(1, N)]} end end),
    seq_trace:set_system_tracer(Tracer),
    [seq_trace:set_token(K, V) || {K, V} <- [{label, {a, "label"}}, {send, true}, {'receive', true}]],
    Tokens = [begin To ! {self(), N}, receive {N, T} -> {T, seq_trace:get_token()} end end || {N, To} <- [{1, Pid}, {2, {token_echo, Other}}, {3, Alias}]],
    seq_trace:set_token([]),
    Pid ! {self(), 4},
    Without = receive {4, T4} -> {T4, seq_trace:get_token()} end,
    [say("~p", [hide(T)]) || T <- Tokens],
    say("~p", [Without]),
    Tracer ! {stop, self(), 7},
    receive {events, Events} -> [say("~p", [hide(E)]) || E <- Events] end,
    %% Exit signals of links take the token with them, or away; so does the end of what is watched elsewhere.
    seq_trace:set_system_tracer(false),
    process_flag(trap_exit, true),
    Me = self(),
    Here = spawn(dist_cases, with_token, [{a, "label"}, bye]),
    There = spawn(Other, dist_cases, token_of_exit, [Me, Here]),
    until(fun() -> lists:member(There, element(2, process_info(Here, links))) end),
    Here ! go,
    say("~p", [hide(receive {There, Token} -> Token end)]),
    Ended = fun(Watch, Label) -> P = spawn(Other, dist_cases, with_token, [Label, {my, "reason"}]), Watch(P), seq_trace:set_token(label, mine), P ! go,
                                 receive {'EXIT', P, _} -> ok; {'DOWN', _, _, P, _} -> ok end, T = seq_trace:get_token(), seq_trace:set_token([]), hide([element(N, T) || T =/= [], N <- [1, 2, 4]]) end,
    say("~p", [[Ended(fun link/1, 17), Ended(fun link/1, none), Ended(fun(P) -> monitor(process, P) end, 18)]]);
run(senders, Other) ->
    start_echo(Other),
    %% What tracing knows of who has sent a message.
    Me = self(),
    T = spawn(fun F() -> receive {trace, _, 'receive', M, From} -> Me ! {told, hide(M), From}, F() end end),
    Tracee = spawn(fun F() -> receive {set, Flag} -> process_flag(trap_exit, Flag), F(); {link, P} -> link(P), F(); {monitor, W} -> monitor(process, W), F();
                                      alias -> {echo, Other} ! {alias(), x}, F(); _ -> F() end end),
    1 = erlang:trace_pattern('receive', [{['$1', '$2', '_'], [], [{message, {{'$1', '$2'}}}]}], []),
    1 = erlang:trace(Tracee, true, ['receive', {tracer, T}]),
    Told = fun() -> receive {told, M, {N, P}} -> say("~p", [{M, N, if P =:= Me -> me; is_pid(P) -> node(P); true -> P end}]) after 5000 -> say("nothing", []) end end,
    Tracee ! {set, true}, Told(),
    {echo, Other} ! {Tracee, hello}, Told(),
    Tracee ! alias, Told(), Told(),
    P = spawn(Other, node_cases, wait, [self()]), receive _ -> ok end,
    Tracee ! {link, P}, Told(), Tracee ! {monitor, P}, Told(), Tracee ! {monitor, {no_name, Other}}, Told(), Told(),
    exit(P, kill), Told(), Told(),
    spawn(Other, erlang, exit, [Tracee, because]), Told(),
    erlang:trace_pattern('receive', true, []);
run(large, Other) ->
    start_echo(Other),
    [begin
         Bytes = binary:copy(<<"0123456789abcdef">>, N * 1024),
         {echo, Other} ! {self(), {Bytes, [Bytes]}},
         receive {_, {Back, [Back]}} -> say("~p ~p", [byte_size(Back), Back =:= Bytes]) end
     end || N <- [1, 5, 64, 2048]],
    Pids = [spawn(fun() ->
                      Message = {N, lists:duplicate(20000, N)},
                      {echo, Other} ! {self(), Message},
                      receive {_, Message} -> exit(good) after 20000 -> exit(lost) end
                  end) || N <- lists:seq(1, 20)],
    Refs = [monitor(process, P) || P <- Pids],
    say("~p", [lists:usort([receive {'DOWN', R, process, _, Why} -> Why end || R <- Refs])]);
run(down, Other) ->
    net_kernel:monitor_nodes(true, [nodedown_reason, {node_type, all}]),
    say("~p", [net_adm:ping(Other)]),
    say("~p", [got()]),
    P = spawn(Other, node_cases, wait, [self()]),
    receive {P, here} -> ok end,
    link(P),
    monitor(process, P),
    monitor(process, {rex, Other}),
    monitor_node(Other, true),
    rpc:cast(Other, erlang, halt, [0, [{flush, false}]]),
    say("~p", [lists:sort([got() || _ <- [1, 2, 3, 4, 5]])]),
    say("~p ~p", [nodes(), net_adm:ping(Other)]);
run(reconnect, Other) ->
    net_kernel:monitor_nodes(true),
    [begin
         say("~p", [net_adm:ping(Other)]),
         say("~p", [got()]),
         P = spawn(Other, node_cases, wait, [self()]),
         receive {P, here} -> ok end,
         monitor(process, P),
         true = erlang:disconnect_node(Other),
         say("~p", [lists:sort([got(), got()])]),
         say("~p", [nodes()])
     end || _ <- [1, 2, 3]],
    say("~p", [erlang:disconnect_node('nobody@localhost')]);
run(global, Other) ->
    say("~p", [net_adm:ping(Other)]),
    say("~p", [global:register_name(here, self())]),
    say("~p", [rpc:call(Other, global, sync, [])]),
    say("~p", [hide(rpc:call(Other, global, whereis_name, [here]))]),
    rpc:call(Other, global, send, [here, from_there]),
    say("~p", [got()]),
    say("~p", [lists:sort(global:registered_names())]),
    say("~p", [global:trans({lock, self()}, fun() -> locked end)]),
    P = spawn(Other, node_cases, wait, [self()]),
    receive {P, here} -> ok end,
    say("~p", [global:register_name(there, P)]),
    say("~p", [global:whereis_name(there) =:= P]),
    exit(P, kill),
    timer:sleep(300),
    say("~p", [global:whereis_name(there)]),
    say("~p", [lists:sort(pg_members(Other))]);
run(gen_server, Other) ->
    say("~p", [gen_server:call({net_kernel, Other}, nonsense_is_ignored, 200) =:= ok]);
run(application, Other) ->
    say("~p", [lists:sort([A || {A, _, _} <- rpc:call(Other, application, which_applications, [])])]),
    say("~p", [rpc:call(Other, application, get_env, [kernel, logger_level])]),
    %% Its output comes to us: the group leader goes along.
    rpc:call(Other, io, format, ["written there by ~p~n", [here]]),
    P = spawn(Other, fun() -> io:format("and ~p~n", [{this, [1, 2]}]) end),
    M = monitor(process, P),
    receive {'DOWN', M, process, P, Why} -> say("~p", [Why]) end,
    say("~p", [node(rpc:call(Other, erlang, group_leader, [])) =:= node()]);
run(peer, Other) ->
    {ok, Peer, Node} = peer:start(#{name => 'third', host => "localhost", args => ["-setcookie", "secret"], wait_boot => 60000}),
    say("~p ~p", [Node, net_adm:ping(Node)]),
    say("~p", [lists:sort(nodes()) =:= [Node] orelse nodes()]),
    say("~p", [net_adm:ping(Other)]),
    timer:sleep(500),
    say("~p", [lists:sort(rpc:call(Node, erlang, nodes, []))]),
    monitor_node(Node, true),
    peer:stop(Peer),
    say("~p", [got()]);
run(busy, Other) ->
    %% More than the queue takes; nothing gets lost, and nosuspend says so.
    P = spawn(Other, fun() -> receive {begin_, To} -> count(To, 0) end end),
    Chunk = binary:copy(<<0>>, 50000),
    Senders = [spawn_monitor(fun() -> [P ! {chunk, Chunk} || _ <- lists:seq(1, 200)] end) || _ <- [1, 2, 3]],
    [receive {'DOWN', M, process, _, normal} -> ok end || {_, M} <- Senders],
    P ! {begin_, self()},
    P ! done,
    say("~p", [receive {count, N} -> N after 60000 -> lost end]).

count(To, N) -> receive {chunk, _} -> count(To, N + 1); done -> To ! {count, N} end.

pg_members(Other) ->
    pg:start_link(),
    rpc:call(Other, pg, start, [pg]),
    timer:sleep(200),
    pg:join(group, self()),
    timer:sleep(200),
    [node(P) || P <- rpc:call(Other, pg, get_members, [group])].

until(Test) -> Test() orelse begin timer:sleep(10), until(Test) end.
