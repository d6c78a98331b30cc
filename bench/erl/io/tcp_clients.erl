%% 200 clients at once, each with a connection and a process on either side; 20 requests each.
-module(tcp_clients).
-export([main/0]).

main() ->
    Options = [binary, {packet, line}, {active, false}, {nodelay, true}],
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, {backlog, 300} | Options]),
    {ok, Port} = inet:port(L),
    spawn_link(fun() -> accept(L) end),
    bench:wall(fun() ->
        Clients = [spawn_monitor(fun() ->
            {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, Options),
            [begin ok = gen_tcp:send(S, <<"hello\n">>), {ok, <<"hello\n">>} = gen_tcp:recv(S, 0) end || _ <- lists:seq(1, 20)],
            gen_tcp:close(S)
        end) || _ <- lists:seq(1, 200)],
        lists:sum([receive {'DOWN', Ref, process, Pid, normal} -> 1 end || {Pid, Ref} <- Clients])
    end, 200).

accept(L) ->
    {ok, S} = gen_tcp:accept(L),
    Pid = spawn(fun() -> receive go -> serve(S) end end),
    ok = gen_tcp:controlling_process(S, Pid),
    Pid ! go,
    accept(L).

serve(S) ->
    ok = inet:setopts(S, [{active, once}]),
    receive
        {tcp, S, Line} -> ok = gen_tcp:send(S, Line), serve(S);
        {tcp_closed, S} -> ok
    end.
