%% Sockets are closed, lose their owners and change them while others wait, send and ask.
-module(close_races).
-export([main/0]).

main() ->
    [round_(N) || N <- lists:seq(1, 60)],
    io:format("done~n").

pair() ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, #{family => inet, addr => loopback, port => 0}),
    ok = socket:listen(L),
    {ok, Name} = socket:sockname(L),
    {ok, C} = socket:open(inet, stream, tcp),
    ok = socket:connect(C, Name),
    {ok, S} = socket:accept(L),
    {L, C, S}.

%% Everybody must come to an end, with an answer and not with an exception.
round_(N) ->
    Self = self(),
    {Owner, _} = spawn_monitor(fun() ->
                                       {L, C, S} = pair(),
                                       Self ! {sockets, L, C, S},
                                       receive {give, To} -> [ok = socket:setopt(X, {otp, controlling_process}, To) || X <- [L, C, S]]; stop -> ok end
                               end),
    {L, C, S} = receive {sockets, L0, C0, S0} -> {L0, C0, S0} end,
    Users = [spawn_monitor(fun() -> exit({answer, F()}) end)
             || F <- [fun() -> socket:accept(L) end, fun() -> socket:accept(L, 1000) end, fun() -> socket:recv(S) end, fun() -> socket:recv(S, 10) end,
                      fun() -> socket:recv(C, 1000) end, fun() -> socket:send(C, binary:copy(<<"x">>, 3000000)) end,
                      fun() -> socket:send(C, <<"more">>) end, fun() -> socket:info(C) end, fun() -> socket:getopt(S, {socket, type}) end,
                      fun() -> drain(S) end]],
    [erlang:yield() || _ <- lists:seq(1, N * 7 rem 23)],
    Dead = spawn(fun() -> ok end),
    case N rem 4 of
        0 -> exit(Owner, kill);
        1 -> Owner ! stop;
        2 -> Owner ! {give, Dead};
        3 -> [spawn_monitor(fun() -> exit({answer, socket:close(X)}) end) || X <- [L, C, S, S]]
    end,
    case N rem 4 of 3 -> timer:sleep(1), Owner ! stop; _ -> ok end,
    [receive {'DOWN', R, process, P, {answer, _}} -> ok end || {P, R} <- Users],
    flush().

drain(S) ->
    case socket:recv(S, 0, 1000) of
        {ok, _} -> drain(S);
        Error -> Error
    end.

flush() ->
    receive
        {'DOWN', _, process, _, {answer, _}} -> flush();
        {'DOWN', _, process, _, Why} when Why =:= normal; Why =:= killed -> flush();
        Other -> io:format("~0p~n", [Other])
    after 0 -> ok
    end.
