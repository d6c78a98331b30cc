%% Datagrams there and back.
-module(udp_echo).
-export([main/0]).

main() ->
    {ok, A} = gen_udp:open(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    Self = self(),
    spawn_link(fun() ->
        {ok, B} = gen_udp:open(0, [binary, {active, true}, {ip, {127, 0, 0, 1}}]),
        {ok, Port} = inet:port(B),
        Self ! {port, Port},
        echo(B)
    end),
    Port = receive {port, P} -> P end,
    bench:wall(fun() -> ask(10000, A, Port) end, done).

ask(0, _, _) -> done;
ask(N, S, Port) ->
    ok = gen_udp:send(S, {127, 0, 0, 1}, Port, <<"datagram ", N:32>>),
    {ok, {_, Port, <<"datagram ", N:32>>}} = gen_udp:recv(S, 0),
    ask(N - 1, S, Port).

echo(S) ->
    receive {udp, S, Ip, From, Data} -> ok = gen_udp:send(S, Ip, From, Data), echo(S) end.
