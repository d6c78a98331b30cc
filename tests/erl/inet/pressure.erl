%% A reader that does not read: senders wait, time out, are told that the port is busy; what is queued is sent before a close; subscriptions.
-module(pressure).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127,0,0,1}}, {recbuf, 4096}]),
    {ok, Port} = inet:port(L),
    blocked(L, Port),
    timeouts(L, Port),
    busy(L, Port),
    close_with_queue(L, Port),
    shutdown_with_queue(L, Port),
    gone(L, Port),
    files(L, Port).

data() -> binary:copy(<<"0123456789abcdef">>, 65536).

%% The first send is taken whole; the second one waits until the reader reads.
blocked(L, Port) ->
    {C, S} = pair(L, Port, []),
    Me = self(),
    Data = data(),
    ok = gen_tcp:send(C, [Data, Data, Data, Data, Data, Data, Data, Data]),
    {ok, [{send_pend, Pending}]} = inet:getstat(C, [send_pend]),
    io:format("queued ~p~n", [Pending > 1000000]),
    Sender = spawn_link(fun() -> Me ! {sent, gen_tcp:send(C, <<"and more">>)} end),
    waits(Sender),
    Second = spawn_link(fun() -> Me ! {sent, gen_tcp:send(C, <<"more yet">>)} end),
    receive {sent, X} -> io:format("too early ~p~n", [X]) after 100 -> io:format("waits~n") end,
    io:format("~p~n", [[lists:member(busy, element(2, prim_inet:getstatus(C))), erlang:port_info(C, queue_size) > {queue_size, 0}]]),
    {ok, Got} = gen_tcp:recv(S, 8 * byte_size(Data)),
    io:format("~p~n", [Got =:= binary:copy(Data, 8)]),
    io:format("~p~n", [[receive {sent, R} -> R after 2000 -> none end || _ <- [1, 2]]]),
    io:format("~p~n", [gen_tcp:recv(S, 16)]),
    io:format("~p~n", [lists:usort([receive {'EXIT', P, R} -> R end || P <- [Sender, Second]])]).

waits(P) ->
    case process_info(P, status) of
        {status, Status} when Status =:= waiting; Status =:= suspended -> ok;
        {status, _} -> erlang:yield(), waits(P)
    end.

timeouts(L, Port) ->
    {C, S} = pair(L, Port, [{send_timeout, 50}]),
    ok = gen_tcp:send(C, [data() || _ <- lists:seq(1, 8)]),
    io:format("send_timeout ~p~n", [[gen_tcp:send(C, "x"), gen_tcp:send(C, "y"), inet:setopts(C, [{send_timeout, 0}]), gen_tcp:send(C, "z")]]),
    gen_tcp:close(S),
    {C2, S2} = pair(L, Port, [{send_timeout, 50}, {send_timeout_close, true}]),
    ok = gen_tcp:send(C2, [data() || _ <- lists:seq(1, 8)]),
    io:format("~p~n", [[gen_tcp:send(C2, "x"), gen_tcp:send(C2, "y"), gen_tcp:recv(C2, 0)]]),
    gen_tcp:close(S2).

busy(L, Port) ->
    {C, S} = pair(L, Port, [{high_watermark, 10}, {low_watermark, 5}]),
    ok = gen_tcp:send(C, [data() || _ <- lists:seq(1, 8)]),
    Me = self(),
    spawn_link(fun() -> Me ! {sent, gen_tcp:send(C, "blocks")} end),
    timer:sleep(50),
    io:format("busy ~p~n", [[erlang:port_command(C, "x", [nosuspend]), prim_inet:send(C, "x", [nosuspend]), try erlang:port_command(C, "x", [nonsense]) catch error:E -> E end]]),
    gen_tcp:close(S),
    io:format("~p~n", [receive {sent, X} -> X after 2000 -> none end]),
    receive {'EXIT', _, _} -> ok after 100 -> ok end.

%% Another program reads to the end what was sent before the close.
close_with_queue(L, Port) ->
    {C, S} = pair(L, Port, []),
    Size = 8 * byte_size(data()),
    ok = gen_tcp:send(C, [data() || _ <- lists:seq(1, 8)]),
    Me = self(),
    spawn_link(fun() -> Me ! {closed, gen_tcp:close(C)} end),
    timer:sleep(50),
    {ok, Got} = gen_tcp:recv(S, Size),
    io:format("close ~p~n", [[byte_size(Got) =:= Size, gen_tcp:recv(S, 0), receive {closed, R} -> R after 2000 -> none end]]),
    receive {'EXIT', _, _} -> ok after 100 -> ok end,
    {C2, S2} = pair(L, Port, []),
    ok = gen_tcp:send(C2, [data() || _ <- lists:seq(1, 8)]),
    true = port_close(C2),
    {ok, Got2} = gen_tcp:recv(S2, Size),
    io:format("port_close ~p~n", [[byte_size(Got2) =:= Size, gen_tcp:recv(S2, 0)]]),
    {C3, S3} = pair(L, Port, [{linger, {true, 0}}]),
    ok = gen_tcp:send(C3, [data() || _ <- lists:seq(1, 8)]),
    ok = gen_tcp:close(C3),
    io:format("linger 0 ~p~n", [gen_tcp:recv(S3, Size)]).

shutdown_with_queue(L, Port) ->
    {C, S} = pair(L, Port, []),
    Size = 8 * byte_size(data()),
    ok = gen_tcp:send(C, [data() || _ <- lists:seq(1, 8)]),
    io:format("shutdown ~p~n", [[gen_tcp:shutdown(C, write), gen_tcp:send(C, "x")]]),
    gen_tcp:close(S),
    gen_tcp:close(C),
    {C2, S2} = pair(L, Port, []),
    ok = gen_tcp:send(C2, [data() || _ <- lists:seq(1, 8)]),
    ok = gen_tcp:shutdown(C2, write),
    {ok, Got} = gen_tcp:recv(S2, Size),
    io:format("~p~n", [[byte_size(Got) =:= Size, gen_tcp:recv(S2, 0), gen_tcp:send(S2, "back"), gen_tcp:recv(C2, 4)]]).

%% The reader goes while somebody waits to send.
gone(L, Port) ->
    {C, S} = pair(L, Port, []),
    ok = gen_tcp:send(C, [data() || _ <- lists:seq(1, 8)]),
    Me = self(),
    spawn_link(fun() -> Me ! {sent, gen_tcp:send(C, "waits")} end),
    timer:sleep(50),
    gen_tcp:close(S),
    io:format("gone ~p~n", [[receive {sent, X} -> X after 2000 -> none end, gen_tcp:recv(C, 0)]]),
    receive {'EXIT', _, _} -> ok after 100 -> ok end,
    {C2, S2} = pair(L, Port, [{active, true}]),
    gen_tcp:close(S2),
    io:format("~p~n", [receive {tcp_closed, C2} -> closed after 1000 -> none end]),
    io:format("~p~n", [gen_tcp:send(C2, "x")]),
    receive {'EXIT', _, _} -> ok after 100 -> ok end.

files(L, Port) ->
    Name = "pressure_" ++ os:getpid() ++ ".data",
    Data = iolist_to_binary([data(), "the end"]),
    ok = file:write_file(Name, Data),
    {C, S} = pair(L, Port, []),
    Me = self(),
    spawn_link(fun() -> {ok, Got} = gen_tcp:recv(S, byte_size(Data)), Me ! {file, Got =:= Data, gen_tcp:recv(S, 3)} end),
    Size = byte_size(Data),
    io:format("sendfile ~p~n", [file:sendfile(Name, C) =:= {ok, Size}]),
    {ok, F} = file:open(Name, [raw, read, binary]),
    io:format("~p~n", [[file:sendfile(F, C, 16, 3, []), receive {file, A, B} -> {A, B} after 2000 -> none end, file:sendfile(F, C, 5000000, 10, []), prim_inet:sendfile(C, <<99:32/native>>, 0, 1),
                        prim_inet:sendfile(C, <<"short">>, 0, 1), prim_inet:sendfile(C, foo, 0, 1)]]),
    gen_tcp:close(S),
    io:format("~p~n", [[file:sendfile(F, C, 0, 0, []), file:sendfile(F, C, 0, 0, [])]]),
    file:close(F),
    file:delete(Name).

pair(L, Port, Options) ->
    {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}, {sndbuf, 4096} | Options]),
    {ok, S} = gen_tcp:accept(L),
    {C, S}.
