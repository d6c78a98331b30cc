%% Two nodes with nothing but a pipe between them: processes as controllers, and no net_kernel but the name.
%%
%%     erl -noshell -pa DIR -run pipe_node parent PROGRAM     (PROGRAM is the other node's erl)
%%
%% What the parent prints must be the same whatever runs at either end.
-module(pipe_node).
-export([parent/1, child/1]).
-import(dist_cases, [say/2, hide/1, got/0]).

flags() ->
    {erts_dflags, Default, _, _, _, _} = erts_internal:get_dflags(),
    Default bor 1.

kernel() -> register(net_kernel, self()), kernel_loop([]).
kernel_loop(Log) ->
    receive
        {log, From} -> From ! {log, lists:reverse(Log)}, kernel_loop(Log);
        Message -> kernel_loop([Message | Log])
    end.

start(Me) ->
    case whereis(net_kernel) of
        undefined -> spawn(fun kernel/0), timer:sleep(50);
        _ -> ok
    end,
    true = erlang:setnode(Me, 17).

%% The process that owns the port and controls the connection.
carry(Starter, Open, Peer) ->
    process_flag(trap_exit, true),
    Port = Open(),
    receive {Port, {data, <<"ready">>}} -> ok end,
    case node() of
        'parent@host' -> Port ! {self(), {command, <<"ready">>}};
        _ -> ok
    end,
    erts_internal:new_connection(Peer),
    Handle = erlang:setnode(Peer, self(), {flags(), 17}),
    ok = erlang:dist_ctrl_input_handler(Handle, self()),
    erlang:dist_ctrl_get_data_notification(Handle),
    Starter ! {self(), up, Handle},
    carry_loop(Port, Handle).

carry_loop(Port, Handle) ->
    receive
        {Port, {data, Bytes}} -> ok = erlang:dist_ctrl_put_data(Handle, Bytes);
        {Port, closed} -> exit(normal);
        {'EXIT', Port, _} -> exit(normal);
        dist_data -> drain(Port, Handle);
        close -> exit(asked_to)
    end,
    carry_loop(Port, Handle).

drain(Port, Handle) ->
    case erlang:dist_ctrl_get_data(Handle) of
        none -> erlang:dist_ctrl_get_data_notification(Handle);
        Data -> true = port_command(Port, Data), drain(Port, Handle)
    end.

child(_) ->
    start('child@host'),
    register(echo, spawn(dist_cases, echo, [])),
    Self = self(),
    Open = fun() ->
        Port = open_port({fd, 3, 4}, [binary, {packet, 4}]),
        Port ! {self(), {command, <<"ready">>}},
        Port
    end,
    {Carrier, Reference} = spawn_monitor(fun() -> carry(Self, Open, 'parent@host') end),
    receive {'DOWN', Reference, process, Carrier, _} -> halt() end.

parent([Program]) ->
    start('parent@host'),
    process_flag(trap_exit, true),
    say("~p ~p", [node(), nodes()]),
    process_flag({monitor_nodes, #{node_type => all, nodedown_reason => true}}, true),
    Self = self(),
    Directory = filename:dirname(code:which(?MODULE)),
    Open = fun() ->
        open_port({spawn_executable, "/bin/sh"},
                  [{args, ["-c", Program ++ " -noshell -noinput -pa " ++ Directory ++ " -run pipe_node child x"]},
                   {packet, 4}, binary, nouse_stdio])
    end,
    {Carrier, _} = spawn_monitor(fun() -> carry(Self, Open, 'child@host') end),
    Handle = receive {Carrier, up, H} -> H end,
    say("~p", [got()]),
    say("~p ~p ~p", [nodes(), nodes(hidden), lists:sort(nodes(known)) -- ['nonode@nohost']]),
    [dist_cases:F('child@host') || F <- [messages, spawns, links, monitors]],
    {ok, In, Out, _} = erlang:dist_get_stat(Handle),
    say("~p", [{In > 0, Out > 0}]),
    the_end(Carrier),
    halt().

the_end(Carrier) ->
    P = spawn('child@host', dist_cases, holder, []),
    link(P),
    monitor(process, P),
    monitor_node('child@host', true),
    monitor_node('child@host', true),
    Carrier ! close,
    L = lists:sort([got() || _ <- [1, 2, 3, 4, 5, 6, 7]]),
    say("~p", [L]),
    say("~p ~p", [nodes(), lists:sort(nodes(known)) -- ['nonode@nohost']]),
    net_kernel ! {log, self()},
    receive {log, Log} -> say("~p", [hide(Log)]) end,
    P ! lost,
    {echo, 'child@host'} ! lost,
    net_kernel ! {log, self()},
    receive {log, Log2} -> say("~p", [[element(1, M) || M <- Log2]]) end,
    say("~p", [erlang:send({echo, 'other@host'}, x, [noconnect])]).
