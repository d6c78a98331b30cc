%% Short requests and answers with the module socket.
-module(socket_echo).
-export([main/0]).

main() ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, #{family => inet, addr => loopback, port => 0}),
    ok = socket:listen(L),
    {ok, Address} = socket:sockname(L),
    spawn_link(fun() -> {ok, S} = socket:accept(L), echo(S) end),
    {ok, S} = socket:open(inet, stream, tcp),
    ok = socket:connect(S, Address),
    bench:wall(fun() -> ask(10000, S) end, done).

ask(0, _) -> done;
ask(N, S) ->
    ok = socket:send(S, <<"request ", N:32>>),
    {ok, <<"request ", N:32>>} = socket:recv(S, 12),
    ask(N - 1, S).

echo(S) ->
    case socket:recv(S, 0) of
        {ok, Data} -> ok = socket:send(S, Data), echo(S);
        {error, closed} -> ok
    end.
