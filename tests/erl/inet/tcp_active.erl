%% Streams whose data comes as messages: always, once, a number of times; what the end of a connection looks like; who gets it.
-module(tcp_active).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127,0,0,1}}]),
    {ok, Port} = inet:port(L),
    {C, S} = pair(L, Port, [binary, {active, true}]),
    ok = gen_tcp:send(S, "hello"),
    io:format("true ~p~n", [next(C)]),
    ok = gen_tcp:send(C, "back"),
    io:format("~p~n", [gen_tcp:recv(S, 4)]),
    io:format("recv of an active one ~p~n", [gen_tcp:recv(C, 0)]),
    gen_tcp:close(S),
    io:format("~p~n", [[next(C), next(C)]]),
    io:format("~p~n", [[gen_tcp:send(C, "x"), inet:getopts(C, [active])]]),

    {C2, S2} = pair(L, Port, [list, {active, once}]),
    [begin ok = gen_tcp:send(S2, "a"), timer:sleep(20) end || _ <- [1, 2, 3]],
    io:format("once ~p~n", [[next(C2), none(), inet:getopts(C2, [active])]]),
    ok = inet:setopts(C2, [{active, once}]),
    io:format("~p~n", [[next(C2), none(), gen_tcp:recv(C2, 0, 50)]]),
    ok = inet:setopts(C2, [{active, 2}]),
    ok = gen_tcp:send(S2, "b"), timer:sleep(20),
    io:format("~p~n", [[next(C2), inet:getopts(C2, [active])]]),
    ok = gen_tcp:send(S2, "c"), timer:sleep(20),
    io:format("~p~n", [[next(C2), next(C2), inet:getopts(C2, [active])]]),
    io:format("~p~n", [[inet:setopts(C2, [{active, 3}]), inet:setopts(C2, [{active, 4}]), inet:getopts(C2, [active]), inet:setopts(C2, [{active, -2}]),
                        inet:getopts(C2, [active]), inet:setopts(C2, [{active, -5}]), next(C2), inet:setopts(C2, [{active, 32767}]),
                        inet:setopts(C2, [{active, 1}]), inet:setopts(C2, [{active, 40000}]), inet:setopts(C2, [{active, false}])]]),
    gen_tcp:close(S2),
    io:format("passive: no message ~p~n", [[none(), gen_tcp:recv(C2, 0), gen_tcp:recv(C2, 0)]]),
    io:format("late ~p~n", [[inet:setopts(C2, [{active, once}]), next(C2), next(C2), none()]]),

    %% Packets that came before the socket was made active; other ways of delivering
    {C3, S3} = pair(L, Port, [binary, {active, false}, {packet, 1}]),
    ok = inet:setopts(S3, [{packet, 1}]),
    [ok = gen_tcp:send(S3, [D]) || D <- ["one", "two", "three", "four", ""]],
    {ok, <<"one">>} = gen_tcp:recv(C3, 0),
    ok = inet:setopts(C3, [{active, true}]),
    io:format("~p~n", [[next(C3), next(C3), next(C3), next(C3)]]),
    ok = inet:setopts(C3, [{active, once}, {header, 2}]),
    ok = gen_tcp:send(S3, "header"),
    io:format("header ~p~n", [next(C3)]),
    ok = inet:setopts(C3, [{active, once}]),
    ok = gen_tcp:send(S3, "h"),
    io:format("~p~n", [next(C3)]),
    ok = inet:setopts(C3, [{header, 0}, {deliver, port}, {active, once}]),
    ok = gen_tcp:send(S3, "as a port"),
    io:format("~p~n", [receive {C3, T} -> T after 1000 -> none end]),

    %% Another owner
    {C4, S4} = pair(L, Port, [binary, {active, true}]),
    Me = self(),
    Other = spawn_link(fun() -> receive go -> ok end, Me ! {other, next(C4)}, receive stop -> ok end end),
    ok = gen_tcp:send(S4, "before"),
    timer:sleep(50),
    ok = gen_tcp:controlling_process(C4, Other),
    Other ! go,
    io:format("~p~n", [receive {other, M} -> M after 1000 -> none end]),
    io:format("~p~n", [[gen_tcp:controlling_process(C4, self()), erlang:port_info(C4, connected) =:= {connected, Other},
                        lists:member(C4, element(2, process_info(self(), links)))]]),
    Other ! stop,
    io:format("~p~n", [gen_tcp:recv(S4, 0, 1000)]),
    receive {'EXIT', Other, R} -> io:format("~p~n", [R]) end,
    %% Not the owner: commands come through all the same
    {C5, S5} = pair(L, Port, [binary, {active, true}]),
    spawn_link(fun() -> Me ! {sent, gen_tcp:send(C5, "from another")} end),
    io:format("~p~n", [[receive {sent, Sent} -> Sent end, gen_tcp:recv(S5, 12)]]),
    C5 ! {self(), {command, "by message"}},
    io:format("~p~n", [[gen_tcp:recv(S5, 10), receive {inet_reply, C5, I} -> I end]]),
    exit(C5, kill),
    io:format("~p~n", [[receive {'EXIT', C5, R5} -> R5 end, gen_tcp:recv(S5, 0)]]).

next(S) ->
    receive
        {tcp, S, D} -> {tcp, D};
        {tcp_closed, S} -> closed;
        {tcp_error, S, E} -> {error, E};
        {tcp_passive, S} -> passive;
        {'EXIT', S, R} -> {exit, R}
    after 2000 -> nothing
    end.

none() -> receive M when element(1, M) =/= 'EXIT' -> M after 50 -> none end.

pair(L, Port, Options) ->
    {ok, C} = gen_tcp:connect({127,0,0,1}, Port, Options),
    {ok, S} = gen_tcp:accept(L),
    {C, S}.
