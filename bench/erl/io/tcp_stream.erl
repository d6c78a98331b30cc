%% Much data in one direction: 64 KiB at a time, read as it comes.
-module(tcp_stream).
-export([main/0]).

main() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    Chunk = binary:copy(<<"x">>, 65536),
    bench:wall(fun() ->
        spawn_link(fun() ->
            {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}]),
            [ok = gen_tcp:send(S, Chunk) || _ <- lists:seq(1, 3000)],
            gen_tcp:close(S)
        end),
        {ok, S} = gen_tcp:accept(L),
        drain(S, 0)
    end, 3000 * 65536).

drain(S, Sum) ->
    case gen_tcp:recv(S, 0) of
        {ok, Data} -> drain(S, Sum + byte_size(Data));
        {error, closed} -> gen_tcp:close(S), Sum
    end.
