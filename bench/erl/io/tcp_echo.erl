%% Short requests and answers over one TCP connection, passive.
-module(tcp_echo).
-export([main/0]).

main() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}, {nodelay, true}]),
    {ok, Port} = inet:port(L),
    spawn_link(fun() -> accept(L) end),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}, {nodelay, true}]),
    bench:wall(fun() -> ask(10000, S, <<"a line of a protocol, a hundred bytes or so, as a client would send it to a server that waits for it">>) end, done).

ask(0, _, _) -> done;
ask(N, S, Line) ->
    ok = gen_tcp:send(S, Line),
    {ok, Line} = gen_tcp:recv(S, byte_size(Line)),
    ask(N - 1, S, Line).

accept(L) ->
    {ok, S} = gen_tcp:accept(L),
    echo(S).

echo(S) ->
    case gen_tcp:recv(S, 0) of
        {ok, Data} -> ok = gen_tcp:send(S, Data), echo(S);
        {error, closed} -> ok
    end.
