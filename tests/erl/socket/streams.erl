%% TCP over the loopback interface: names, data in parts, half-closing, what comes after closing.
-module(streams).
-export([main/0]).

main() ->
    [domain(D) || D <- [inet, inet6]],
    parts(),
    half_closed(),
    closed(),
    refused(),
    large().

p(X) -> io:format("~0p~n", [X]).

pair(Domain) ->
    {ok, L} = socket:open(Domain, stream, tcp),
    ok = socket:bind(L, #{family => Domain, addr => loopback, port => 0}),
    ok = socket:listen(L),
    {ok, Name} = socket:sockname(L),
    {ok, C} = socket:open(Domain, stream, tcp),
    ok = socket:connect(C, Name),
    {ok, S} = socket:accept(L),
    {L, C, S}.

without_port(#{port := P} = Address) when P > 0 -> Address#{port := some}.

domain(Domain) ->
    {L, C, S} = pair(Domain),
    {ok, Listening} = socket:sockname(L),
    {ok, Here} = socket:sockname(C),
    {ok, There} = socket:peername(C),
    p([without_port(A) || A <- [Listening, Here, There]]),
    p({socket:peername(S) =:= {ok, Here}, socket:sockname(S) =:= {ok, There}}),
    p(socket:send(C, "hello")),
    p(socket:recv(S, 5)),
    p(socket:send(S, [<<"wor">>, [$l], "d"])),
    p(socket:recv(C)),
    p([socket:close(X) || X <- [C, S, L]]).

parts() ->
    {L, C, S} = pair(inet),
    Self = self(),
    Reader = spawn_link(fun() ->
                                ok = receive go -> ok end,
                                Self ! {got, socket:recv(S, 10, 5000)}
                        end),
    ok = socket:setopt(S, {otp, controlling_process}, Reader),
    Reader ! go,
    ok = socket:send(C, <<"01234">>),
    timer:sleep(50),
    ok = socket:send(C, <<"56789abc">>),
    p(receive {got, R} -> R end),
    p([socket:close(X) || X <- [C, L]]).

half_closed() ->
    {L, C, S} = pair(inet),
    p(socket:shutdown(C, write)),
    p(socket:recv(S)),
    p(socket:send(S, <<"still">>)),
    p(socket:recv(C, 5)),
    p(socket:send(C, <<"no">>)),
    p(socket:shutdown(S, read_write)),
    p(socket:recv(C, 1)),
    p(try socket:shutdown(S, sideways) catch C1:R1 -> {C1, R1} end),
    [socket:close(X) || X <- [C, S, L]].

closed() ->
    {L, C, S} = pair(inet),
    p(socket:close(S)),
    p(socket:close(S)),
    p([socket:send(S, <<"x">>), socket:recv(S), socket:accept(S), socket:listen(S), socket:sockname(S), socket:peername(S),
       socket:shutdown(S, read), socket:bind(S, #{family => inet}), socket:connect(S, #{family => inet, port => 1}),
       socket:getopt(S, {socket, type}), socket:setopt(S, {socket, reuseaddr}, true), socket:getopt(S, {otp, rcvbuf}),
       socket:recvfrom(S), socket:recvmsg(S), socket:sendmsg(S, #{iov => [<<"x">>]}), socket:ioctl(S, gifconf)]),
    p(socket:recv(C)),
    p(maps:with([rstates, wstates, owner], socket:info(S))),
    [socket:close(X) || X <- [C, L]].

refused() ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, #{family => inet, addr => loopback, port => 0}),
    {ok, Name} = socket:sockname(L),
    {ok, C} = socket:open(inet, stream, tcp),
    p(socket:connect(C, Name, 2000)),
    p(socket:send(C, <<"x">>)),
    p(socket:recv(C)),
    p(socket:peername(C)),
    p(socket:accept(C)),
    {ok, L2} = socket:open(inet, stream, tcp),
    p(socket:bind(L2, Name)),
    ok = socket:listen(L),
    p(socket:accept(L, 0)),
    p(socket:accept(L, 20)),
    p(socket:connect(L, Name)),
    [socket:close(X) || X <- [L, L2, C]].

large() ->
    {L, C, S} = pair(inet),
    Data = binary:copy(<< <<(I * 7 rem 251)>> || I <- lists:seq(1, 3001) >>, 1000),
    Self = self(),
    spawn_link(fun() -> Self ! {sent, socket:send(C, Data, infinity)} end),
    {ok, Got} = socket:recv(S, byte_size(Data), 20000),
    p({Got =:= Data, receive {sent, R} -> R end}),
    spawn_link(fun() -> Self ! {sent, socket:send(C, [Data, Data])} end),
    p(gather(S, byte_size(Data) * 2, []) =:= <<Data/binary, Data/binary>>),
    p(receive {sent, R2} -> R2 end),
    [socket:close(X) || X <- [C, S, L]].

gather(_, 0, Parts) -> iolist_to_binary(lists:reverse(Parts));
gather(S, N, Parts) ->
    {ok, Part} = socket:recv(S, 0, 20000),
    gather(S, N - byte_size(Part), [Part | Parts]).
