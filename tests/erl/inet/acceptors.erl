%% Several processes in accept, timeouts, processes that die there, a listener that is closed; who owns what accept returns; taking over descriptors.
-module(acceptors).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127,0,0,1}}, {backlog, 200}]),
    {ok, Port} = inet:port(L),
    io:format("~p~n", [[gen_tcp:accept(L, 0), gen_tcp:accept(L, 30)]]),
    Me = self(),
    Server = fun(Index) ->
                 {ok, S} = gen_tcp:accept(L),
                 Me ! {accepted, Index, erlang:port_info(S, connected) =:= {connected, self()}, lists:member(S, element(2, process_info(self(), links)))},
                 {ok, <<N:16>>} = gen_tcp:recv(S, 2),
                 ok = gen_tcp:send(S, <<(N * 2):16>>),
                 gen_tcp:close(S)
             end,
    [spawn_link(fun() -> Server(I) end) || I <- lists:seq(1, 20)],
    timer:sleep(50),
    Clients = [begin {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}]), {N, C} end || N <- lists:seq(1, 20)],
    [ok = gen_tcp:send(C, <<N:16>>) || {N, C} <- Clients],
    io:format("~p~n", [[begin {ok, <<R:16>>} = gen_tcp:recv(C, 2), R =:= N * 2 end || {N, C} <- Clients]]),
    io:format("~p~n", [lists:usort([receive {accepted, _, Owner, Linked} -> {Owner, Linked} end || _ <- Clients])]),
    [receive {'EXIT', P, R} when is_pid(P) -> R end || _ <- Clients],
    %% Some die while they wait
    Waiting = [spawn(fun() -> Me ! {got, self(), gen_tcp:accept(L)}, receive stop -> ok end end) || _ <- lists:seq(1, 6)],
    timer:sleep(50),
    {Dead, Alive} = lists:split(3, Waiting),
    [begin R = monitor(process, P), exit(P, kill), receive {'DOWN', R, _, _, _} -> ok end end || P <- Dead],
    states(),
    More = [begin {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}]), C end || _ <- Alive],
    io:format("~p~n", [lists:sort([receive {got, P, {ok, S}} -> {lists:member(P, Alive), is_port(S)} after 2000 -> nothing end || _ <- Alive])]),
    [P ! stop || P <- Alive],
    io:format("~p~n", [[gen_tcp:recv(C, 0, 2000) || C <- More]]),
    %% Timeouts of several, in order
    [spawn(fun() -> Me ! {T, gen_tcp:accept(L, T)} end) || T <- [150, 50, 100]],
    io:format("~p~n", [[receive {T, _} = M when is_integer(T) -> M end || _ <- [1, 2, 3]]]),
    %% A connection that is there already is accepted at once
    {ok, Early} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}]),
    timer:sleep(50),
    {ok, EarlyS} = gen_tcp:accept(L, 0),
    gen_tcp:close(EarlyS),
    gen_tcp:close(Early),
    %% Closed while they wait
    [spawn(fun() -> Me ! {closed, catch gen_tcp:accept(L)} end) || _ <- [1, 2, 3]],
    timer:sleep(50),
    ok = gen_tcp:close(L),
    io:format("~p~n", [[receive {closed, X} -> X after 2000 -> nothing end || _ <- [1, 2, 3]]]),
    io:format("~p~n", [[gen_tcp:accept(L), gen_tcp:accept(L, 10)]]),
    descriptors(),
    many(),
    storm().

%% A listener accepts as long as somebody who waits is alive.
states() ->
    {ok, L} = gen_tcp:listen(0, []),
    State = fun() -> timer:sleep(50), io:format("~p~n", [prim_inet:getstatus(L)]) end,
    Waiting = [begin P = spawn(fun() -> gen_tcp:accept(L) end), State(), P end || _ <- [1, 2]],
    [begin exit(P, kill), State() end || P <- Waiting],
    gen_tcp:close(L).

descriptors() ->
    {ok, A} = gen_udp:open(0, [binary, {active, false}, {ip, {127,0,0,1}}]),
    {ok, P} = inet:port(A),
    {ok, Fd} = prim_inet:getfd(A),
    {ok, B} = gen_udp:open(0, [binary, {active, false}, {fd, Fd}]),
    io:format("fd ~p~n", [[inet:port(B) =:= {ok, P}, prim_inet:getfd(B) =:= {ok, Fd}, gen_udp:send(B, {127,0,0,1}, P, "x"), element(3, element(2, gen_udp:recv(A, 0, 1000)))]]),
    gen_udp:close(B),
    io:format("~p~n", [[gen_udp:send(A, {127,0,0,1}, P, "y"), element(3, element(2, gen_udp:recv(A, 0, 1000)))]]),
    {ok, L} = gen_tcp:listen(0, [{active, false}, {ip, {127,0,0,1}}]),
    {ok, Port} = inet:port(L),
    {ok, LFd} = prim_inet:getfd(L),
    {ok, L2} = gen_tcp:listen(0, [binary, {active, false}, {fd, LFd}]),
    {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}]),
    {ok, S} = gen_tcp:accept(L2),
    {ok, CFd} = prim_inet:getfd(C),
    {ok, C2} = gen_tcp:fdopen(CFd, [binary, {active, false}]),
    ok = gen_tcp:send(S, "twice"),
    io:format("~p~n", [[gen_tcp:recv(C2, 5), gen_tcp:send(C2, "from the copy"), gen_tcp:recv(S, 13)]]),
    io:format("~p~n", [[gen_udp:open(0, [{fd, 9999}]), prim_inet:ignorefd(C, true), prim_inet:ignorefd(C, true), prim_inet:ignorefd(C, false), prim_inet:ignorefd(A, true)]]).

%% Many connections that come and go.
many() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127,0,0,1}}, {backlog, 500}]),
    {ok, Port} = inet:port(L),
    Echo = fun Loop(S) -> case gen_tcp:recv(S, 0) of {ok, D} -> gen_tcp:send(S, D), Loop(S); {error, closed} -> gen_tcp:close(S) end end,
    Accept = fun Loop() -> {ok, S} = gen_tcp:accept(L), P = spawn(fun() -> receive go -> Echo(S) end end), ok = gen_tcp:controlling_process(S, P), P ! go, Loop() end,
    [spawn(Accept) || _ <- [1, 2, 3]],
    Me = self(),
    Before = length(erlang:ports()),
    [spawn_link(fun() ->
                    [begin
                         {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}]),
                         ok = gen_tcp:send(C, Data = <<I:32, (binary:copy(<<I>>, I * 30))/binary>>),
                         {ok, Data} = gen_tcp:recv(C, byte_size(Data)),
                         gen_tcp:close(C)
                     end || _ <- lists:seq(1, 10)],
                    Me ! done
                end) || I <- lists:seq(1, 50)],
    [receive done -> ok end || _ <- lists:seq(1, 50)],
    timer:sleep(200),
    io:format("left over ~p~n", [length(erlang:ports()) - Before]).

%% Peers that reset, and that send and go.
storm() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127,0,0,1}}, {backlog, 500}]),
    {ok, Port} = inet:port(L),
    [begin
         {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}, {linger, {true, 0}} | case N rem 2 of 0 -> []; 1 -> [{nodelay, true}] end]),
         ok = gen_tcp:send(C, "x"),
         gen_tcp:close(C)
     end || N <- lists:seq(1, 50)],
    io:format("~p~n", [lists:usort([case gen_tcp:accept(L, 1000) of
                                        {ok, S} -> [gen_tcp:recv(S, 0, 1000), gen_tcp:recv(S, 0, 1000), gen_tcp:send(S, "x")];
                                        Error -> Error
                                    end || _ <- lists:seq(1, 50)])]),
    {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}, {linger, {true, 0}}]),
    {ok, S} = gen_tcp:accept(L),
    ok = inet:setopts(S, [{show_econnreset, true}]),
    gen_tcp:close(C),
    timer:sleep(50),
    io:format("~p~n", [[gen_tcp:recv(S, 0), gen_tcp:recv(S, 0), gen_tcp:send(S, "x")]]),
    {ok, C2} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}, {linger, {true, 0}}]),
    {ok, S2} = gen_tcp:accept(L),
    ok = inet:setopts(S2, [{show_econnreset, true}, {active, true}]),
    gen_tcp:close(C2),
    io:format("~p~n", [[receive {tcp_error, S2, E} -> E; {tcp_closed, S2} -> closed after 1000 -> none end || _ <- [1, 2]]]).
