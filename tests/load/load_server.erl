%% The side of tests/run_load.py that is looked at: echo/0, or httpd of inets. Tells its port and what it holds each time a line comes.
-module(load_server).
-export([echo/0, httpd/0]).

echo() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {packet, raw}, {backlog, 1024}, {nodelay, true}]),
    {ok, Port} = inet:port(L),
    [spawn_link(fun() -> accept(L) end) || _ <- lists:seq(1, 4)],
    serve(Port).

accept(L) ->
    {ok, S} = gen_tcp:accept(L),
    Pid = spawn(fun() -> receive go -> echo(S) end end),
    ok = gen_tcp:controlling_process(S, Pid),
    Pid ! go,
    accept(L).

echo(S) ->
    ok = inet:setopts(S, [{active, once}]),
    receive
        {tcp, S, Data} -> ok = gen_tcp:send(S, Data), echo(S);
        {tcp_closed, S} -> ok
    end.

httpd() ->
    {ok, Root} = file:get_cwd(),
    ok = file:write_file("page.html", binary:copy(<<"a line of the page\n">>, 500)),
    {ok, _} = application:ensure_all_started(inets),
    {ok, Pid} = inets:start(httpd, [{port, 0}, {server_name, "load"}, {server_root, Root}, {document_root, Root},
                                    {max_clients, 5000}, {modules, [mod_alias, mod_get, mod_head]}]),
    [{port, Port}] = httpd:info(Pid, [port]),
    serve(Port).

%% Each answer: ports, processes, bytes of memory (after every process has collected its garbage).
serve(Port) ->
    io:format("port ~p~n", [Port]),
    answer().

answer() ->
    case io:get_line("") of
        eof -> halt(0);
        _ ->
            [erlang:garbage_collect(P) || P <- processes()],
            io:format("~p ~p ~p~n", [length(erlang:ports()), length(processes()), erlang:memory(total)]),
            answer()
    end.
