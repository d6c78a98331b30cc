%% Sockets with names in the file system, and abstract ones; IPv6; addresses of all kinds.
-module(local_names).
-export([main/0]).

main() ->
    Name = "stream_" ++ os:getpid() ++ ".sock",
    {ok, L} = gen_tcp:listen(0, [local, binary, {active, false}, {ifaddr, {local, Name}}]),
    {ok, C} = gen_tcp:connect({local, Name}, 0, [local, binary, {active, false}]),
    {ok, S} = gen_tcp:accept(L),
    ok = gen_tcp:send(C, "local"),
    io:format("~p~n", [[gen_tcp:recv(S, 0), inet:sockname(L) =:= {ok, {local, list_to_binary(Name)}}, inet:peername(C) =:= {ok, {local, list_to_binary(Name)}},
                        inet:sockname(C), inet:peername(S), inet:port(L) =:= {ok, list_to_binary(Name)}]]),
    ok = gen_tcp:close(C),
    io:format("~p~n", [[gen_tcp:recv(S, 0), gen_tcp:listen(0, [local, {ifaddr, {local, Name}}]), gen_tcp:connect({local, "no such name"}, 0, [local])]]),
    file:delete(Name),
    Abstract = <<0, "lintel test ", (list_to_binary(os:getpid()))/binary>>,
    {ok, LA} = gen_tcp:listen(0, [local, {active, false}, {ifaddr, {local, Abstract}}]),
    {ok, CA} = gen_tcp:connect({local, Abstract}, 0, [local, {active, false}]),
    {ok, SA} = gen_tcp:accept(LA),
    ok = gen_tcp:send(SA, "abstract"),
    io:format("~p~n", [[gen_tcp:recv(CA, 0), inet:peername(CA) =:= {ok, {local, Abstract}}]]),
    io:format("~p~n", [[catch gen_tcp:listen(0, [local, {ifaddr, {local, lists:duplicate(N, $a)}}]) || N <- [108, 109, 255, 256]]]),
    six(),
    io:format("~p~n", [[gen_tcp:connect(A, 1, [], 100) || A <- [{127,0,0,1}, "no.such.host.invalid", "127.0.0.1"]]]).

six() ->
    case gen_tcp:listen(0, [inet6, binary, {active, false}, {ip, {0,0,0,0,0,0,0,1}}, {ipv6_v6only, true}]) of
        {ok, L} ->
            {ok, {{0,0,0,0,0,0,0,1}, Port}} = inet:sockname(L),
            {ok, C} = gen_tcp:connect({0,0,0,0,0,0,0,1}, Port, [inet6, binary, {active, false}]),
            {ok, S} = gen_tcp:accept(L),
            ok = gen_tcp:send(S, "six"),
            io:format("~p~n", [[gen_tcp:recv(C, 3), inet:peername(C) =:= {ok, {{0,0,0,0,0,0,0,1}, Port}}, inet:getopts(L, [ipv6_v6only]), prim_inet:gettype(C)]]),
            {ok, Any} = gen_tcp:listen(0, [inet6, {active, false}]),
            {ok, {AnyIp, P2}} = inet:sockname(Any),
            {ok, C2} = gen_tcp:connect({0,0,0,0,0,0,0,1}, P2, [inet6]),
            io:format("~p~n", [[AnyIp, element(1, element(2, inet:peername(C2)))]]);
        {error, _} -> io:format("no IPv6~n")
    end.
