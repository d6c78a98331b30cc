%% Packets of four bytes' length, delivered as messages one at a time.
-module(tcp_packets).
-export([main/0]).

main() ->
    Options = [binary, {packet, 4}, {active, false}, {nodelay, true}],
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}} | Options]),
    {ok, Port} = inet:port(L),
    bench:wall(fun() ->
        spawn_link(fun() ->
            {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, Options),
            [ok = gen_tcp:send(S, [<<N:32>>, "some more of it"]) || N <- lists:seq(1, 20000)],
            {error, closed} = gen_tcp:recv(S, 0)
        end),
        {ok, S} = gen_tcp:accept(L),
        Sum = take(S, 20000, 0),
        gen_tcp:close(S),
        Sum
    end, 20000 * 20001 div 2).

take(_, 0, Sum) -> Sum;
take(S, Left, Sum) ->
    ok = inet:setopts(S, [{active, once}]),
    receive {tcp, S, <<N:32, _/binary>>} -> take(S, Left - 1, Sum + N) end.
