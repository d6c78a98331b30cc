%% Datagrams: on demand and as messages, with one peer or any, ancillary data, sizes, errors.
-module(udp).
-export([main/0]).

main() ->
    {ok, A} = gen_udp:open(0, [binary, {active, false}, {ip, {127,0,0,1}}]),
    {ok, B} = gen_udp:open(0, [list, {active, true}, {ip, {127,0,0,1}}]),
    {ok, Pa} = inet:port(A),
    {ok, Pb} = inet:port(B),
    ok = gen_udp:send(A, {127,0,0,1}, Pb, ["to ", <<"b">>]),
    io:format("~p~n", [receive {udp, B, IP, Pa, D} -> {IP, D} after 1000 -> none end]),
    ok = gen_udp:send(B, "localhost", Pa, "to a"),
    io:format("~p~n", [case gen_udp:recv(A, 0) of {ok, {I, Pb, R}} -> {I, R} end]),
    ok = gen_udp:send(B, {{127,0,0,1}, Pa}, <<"short">>),
    io:format("~p~n", [element(3, element(2, gen_udp:recv(A, 2, 1000)))]),
    io:format("~p~n", [[gen_udp:recv(A, 0, 0), gen_udp:recv(A, 0, 20), gen_udp:recv(B, 0),
                        gen_udp:send(A, {127,0,0,1}, Pb, binary:copy(<<0>>, 70000))]]),
    ok = inet:setopts(B, [{active, 2}, binary, {header, 2}]),
    [ok = gen_udp:send(A, {127,0,0,1}, Pb, [X]) || X <- ["one", "t", "three"]],
    io:format("~p~n", [[got(B), got(B), got(B), none()]]),
    ok = inet:setopts(B, [{active, once}]),
    io:format("~p~n", [[got(B), inet:getopts(B, [active, read_packets, header, mode])]]),
    ok = inet:setopts(B, [{active, true}, {deliver, port}, {header, 0}]),
    ok = gen_udp:send(A, {127,0,0,1}, Pb, "p"),
    io:format("~p~n", [receive {B, {data, Dp}} -> [F, _, _ | Rest] = binary_to_list(iolist_to_binary(Dp)), {F, Rest} after 1000 -> none end]),
    ok = inet:setopts(B, [{deliver, term}]),
    io:format("largest ~p~n", [[gen_udp:send(A, {127,0,0,1}, Pb, binary:copy(<<7>>, 60000)), size_of(B), inet:setopts(B, [{buffer, 1000}]),
                                gen_udp:send(A, {127,0,0,1}, Pb, binary:copy(<<7>>, 5000)), size_of(B)]]),
    %% One peer
    ok = gen_udp:connect(A, {127,0,0,1}, Pb),
    io:format("connected ~p~n", [[inet:peername(A) =:= {ok, {{127,0,0,1}, Pb}}, gen_udp:send(A, "to the peer"), got(B)]]),
    ok = gen_udp:send(B, {127,0,0,1}, Pa, "from the peer"),
    io:format("~p~n", [case gen_udp:recv(A, 0) of {ok, {_, Pb, Rp}} -> Rp end]),
    ok = gen_udp:close(B),
    io:format("refused ~p~n", [[gen_udp:send(A, "nobody"), gen_udp:recv(A, 0, 1000)]]),
    {ok, E} = gen_udp:open(0, [{active, true}]),
    ok = gen_udp:connect(E, {127,0,0,1}, Pb),
    ok = gen_udp:send(E, "nobody"),
    io:format("~p~n", [receive {udp_error, E, Why} -> Why after 1000 -> none end]),
    %% Type of service and time to live
    {ok, T} = gen_udp:open(0, [binary, {active, false}, {recvtos, true}, {recvttl, true}, {ip, {127,0,0,1}}]),
    {ok, Pt} = inet:port(T),
    {ok, F1} = gen_udp:open(0, [{tos, 16}, {ttl, 5}]),
    ok = gen_udp:send(F1, {127,0,0,1}, Pt, "anc"),
    io:format("~p~n", [anc(T)]),
    ok = gen_udp:send(F1, {{127,0,0,1}, Pt}, [{tos, 32}, {ttl, 9}], "anc2"),
    io:format("~p~n", [anc(T)]),
    ok = inet:setopts(T, [{active, once}]),
    ok = gen_udp:send(F1, {127,0,0,1}, Pt, "anc3"),
    io:format("~p~n", [receive {udp, T, _, _, Anc, Da} -> {lists:sort(Anc), Da} after 1000 -> none end]),
    io:format("~p~n", [[gen_udp:send(F1, {{127,0,0,1}, Pt}, [{reuseaddr, true}], "x"), inet:getopts(T, [recvtos, recvttl, recvtclass])]]),
    %% IPv6, local names
    case gen_udp:open(0, [inet6, binary, {active, false}, {ip, {0,0,0,0,0,0,0,1}}]) of
        {ok, S6} ->
            {ok, P6} = inet:port(S6),
            ok = gen_udp:send(S6, {0,0,0,0,0,0,0,1}, P6, "six"),
            io:format("~p~n", [case gen_udp:recv(S6, 0) of {ok, {I6, P6, R6}} -> {I6, R6} end]),
            ok = inet:setopts(S6, [{active, once}]),
            ok = gen_udp:send(S6, {0,0,0,0,0,0,0,1}, P6, "again"),
            io:format("~p~n", [receive {udp, S6, A6, P6, D6} -> {A6, D6} after 1000 -> none end]);
        {error, _} -> io:format("~p~n~p~n", [{{0,0,0,0,0,0,0,1}, <<"six">>}, {{0,0,0,0,0,0,0,1}, <<"again">>}])
    end,
    Name = "udp_" ++ os:getpid() ++ ".sock",
    {ok, U} = gen_udp:open(0, [local, binary, {active, false}, {ip, {local, Name}}]),
    {ok, V} = gen_udp:open(0, [local, {active, false}]),
    ok = gen_udp:send(V, {local, Name}, 0, "local"),
    io:format("~p~n", [gen_udp:recv(U, 0)]),
    ok = inet:setopts(U, [{active, true}]),
    ok = gen_udp:send(U, {local, Name}, 0, "to itself"),
    io:format("~p~n", [receive {udp, U, {local, N}, 0, Du} -> {binary_to_list(N) =:= Name, Du} after 1000 -> none end]),
    io:format("~p~n", [[gen_udp:send(V, {local, "no such file"}, 0, "x"), gen_udp:open(0, [local, {ip, {local, Name}}])]]),
    file:delete(Name),
    %% Many at once
    {ok, M} = gen_udp:open(0, [binary, {active, true}, {recbuf, 200000}, {ip, {127,0,0,1}}]),
    {ok, Pm} = inet:port(M),
    [ok = gen_udp:send(F1, {127,0,0,1}, Pm, <<X:32>>) || X <- lists:seq(1, 200)],
    io:format("~p~n", [[receive {udp, M, _, _, <<X:32>>} -> X after 1000 -> lost end || _ <- lists:seq(1, 200)] =:= lists:seq(1, 200)]),
    {ok, W} = gen_udp:open(0, [{active, false}]),
    Me = self(),
    spawn(fun() -> Me ! {waited, gen_udp:recv(W, 0)} end),
    timer:sleep(50),
    gen_udp:close(W),
    io:format("~p~n", [receive {waited, Z} -> Z after 1000 -> none end]).

got(S) ->
    receive
        {udp, S, _, _, D} -> D;
        {udp_passive, S} -> passive
    after 1000 -> none
    end.

size_of(S) -> byte_size(iolist_to_binary(got(S))).

none() -> receive M -> M after 50 -> none end.

anc(S) ->
    {ok, {_, _, Anc, D}} = gen_udp:recv(S, 0, 1000),
    {lists:sort(Anc), D}.
