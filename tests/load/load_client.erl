%% The other side of tests/run_load.py: many connections at the same time, all open until each has been answered.
-module(load_client).
-export([main/1]).

%% ["echo" | "httpd", "PORT", "CONNECTIONS", "ROUNDS"]
main(["echo" | Arguments]) -> echo(Arguments);
main(["httpd" | Arguments]) -> httpd(Arguments).

echo(Arguments) ->
    run(Arguments, fun(S, I, Round) ->
        Line = <<"client ", I:32, " in round ", (integer_to_binary(Round))/binary, 0:800>>,
        ok = gen_tcp:send(S, Line),
        {ok, Line} = gen_tcp:recv(S, byte_size(Line), 120000)
    end).

httpd(Arguments) ->
    Body = binary:copy(<<"a line of the page\n">>, 500),
    run(Arguments, fun(S, _, _) ->
        ok = gen_tcp:send(S, "GET /page.html HTTP/1.1\r\nHost: load\r\n\r\n"),
        {200, Size} = headers(S, undefined, undefined),
        ok = inet:setopts(S, [{packet, raw}]),
        {ok, Body} = gen_tcp:recv(S, Size, 120000)
    end).

headers(S, Status, Size) ->
    ok = inet:setopts(S, [{packet, case Status of undefined -> http_bin; _ -> httph_bin end}]),
    case gen_tcp:recv(S, 0, 120000) of
        {ok, {http_response, _, Code, _}} -> headers(S, Code, Size);
        {ok, {http_header, _, 'Content-Length', _, Value}} -> headers(S, Status, binary_to_integer(Value));
        {ok, {http_header, _, _, _, _}} -> headers(S, Status, Size);
        {ok, http_eoh} -> {Status, Size}
    end.

run(Arguments, Ask) ->
    [Port, Count, Rounds] = [list_to_integer(A) || A <- Arguments],
    Self = self(),
    Start = erlang:monotonic_time(millisecond),
    Clients = [spawn_monitor(fun() -> client(Self, Port, I, Rounds, Ask) end) || I <- lists:seq(1, Count)],
    Open = [receive {open, Pid} -> open; {'DOWN', Ref, process, Pid, Why} -> Why end || {Pid, Ref} <- Clients],
    io:format("open ~p~n", [length([open || open <- Open])]),
    "\n" = io:get_line(""),
    [Pid ! close || {Pid, _} <- Clients],
    Ends = [Why || Why <- Open, Why =/= open] ++
        [receive {'DOWN', Ref, process, Pid, Why} -> Why end || {{Pid, Ref}, open} <- lists:zip(Clients, Open)],
    Wrong = [Why || Why <- Ends, Why =/= normal],
    io:format("closed ~p in ~p ms~n", [length(Ends) - length(Wrong), erlang:monotonic_time(millisecond) - Start]),
    Wrong =/= [] andalso io:format("~p~n", [hd(Wrong)]),
    halt(0).

client(Main, Port, I, Rounds, Ask) ->
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}, {nodelay, true}], 120000),
    [Ask(S, I, Round) || Round <- lists:seq(1, Rounds)],
    Main ! {open, self()},
    receive close -> ok end,
    Ask(S, I, Rounds + 1),
    gen_tcp:close(S).
