%% socket:sendfile: whole files, parts, from an offset, to a peer that is slow, to one that goes away.
-module(sending_files).
-export([main/0]).

main() ->
    File = "/tmp/lintel_sendfile_" ++ os:getpid(),
    Data = binary:copy(<< <<(I * 31 rem 253)>> || I <- lists:seq(1, 2000) >>, 1000),
    ok = file:write_file(File, Data),
    {ok, F} = file:open(File, [raw, read, binary]),
    {C, S} = pair(),
    p(socket:sendfile(C, F, 0, 5)),
    p(socket:recv(S, 5) =:= {ok, binary:part(Data, 0, 5)}),
    p(socket:sendfile(C, F, 1999990, 0)),
    p(socket:recv(S, 10) =:= {ok, binary:part(Data, 1999990, 10)}),
    p(socket:sendfile(C, F, 5000000, 0)),
    Self = self(),
    spawn_link(fun() -> {ok, G} = file:open(File, [raw, read]), Self ! {sent, socket:sendfile(C, G, 0, 0)} end),
    timer:sleep(50),
    p(socket:recv(S, 2000000) =:= {ok, Data}),
    p(receive {sent, R} -> R end),
    spawn_link(fun() -> {ok, G} = file:open(File, [raw, read]), Self ! {sent, socket:sendfile(C, G, 100, 1500000, 5000)} end),
    p(socket:recv(S, 1500000) =:= {ok, binary:part(Data, 100, 1500000)}),
    p(receive {sent, R2} -> R2 end),
    p(maps:with([sendfile_byte, sendfile_fails, sendfile_max, sendfile_tries], maps:get(counters, socket:info(C)))),
    ok = socket:setopt(C, {socket, sndbuf}, 10000),
    p(case socket:sendfile(C, F, 0, 0, 50) of {error, {timeout, Left}} when Left > 0 -> timeout; {error, Why} -> Why end),
    p(maps:get(num_writers, socket:info(C))),
    spawn_link(fun() -> {ok, G} = file:open(File, [raw, read]), Self ! {sent, socket:sendfile(C, G, 0, 0)} end),
    timer:sleep(50),
    p(try socket:sendfile(C, F, x, 0) catch E:W -> {E, W} end),
    p([try socket:sendfile(C, H, 0, 0) of Z -> Z catch E1:W1 -> {E1, element(1, W1)} end || H <- [{file_descriptor, prim_file, #{handle => make_ref()}}]]),
    socket:close(C),
    p(case receive {sent, R3} -> R3 end of {error, {closed, _}} -> closed; {error, closed} -> closed; R4 -> R4 end),
    {C2, S2} = pair(),
    ok = file:close(F),
    p(socket:sendfile(C2, F, 0, 0)),
    {ok, G2} = file:open(File, [raw, read]),
    socket:setopt(S2, {socket, linger}, abort),
    socket:close(S2),
    timer:sleep(20),
    p(socket:sendfile(C2, G2, 0, 0)),
    p(socket:sendfile(C2, G2, 0, 0, nowait)),
    [socket:close(X) || X <- [S, C2]],
    file:delete(File).

p(X) -> io:format("~0p~n", [X]).

pair() ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, #{family => inet, addr => loopback, port => 0}),
    ok = socket:listen(L),
    {ok, Name} = socket:sockname(L),
    {ok, C} = socket:open(inet, stream, tcp),
    ok = socket:connect(C, Name),
    {ok, S} = socket:accept(L),
    socket:close(L),
    {C, S}.
