%% UDP and sockets of the file system: addresses, sizes, flags, control messages.
-module(datagrams).
-export([main/0]).

main() ->
    udp(),
    connected(),
    sizes(),
    control(inet),
    control(inet6),
    local(),
    sequence(),
    raw_numbers(),
    multicast().

p(X) -> io:format("~0p~n", [X]).

open(Domain) ->
    {ok, S} = socket:open(Domain, dgram, udp),
    ok = socket:bind(S, #{family => Domain, addr => loopback}),
    {ok, Name} = socket:sockname(S),
    {S, Name}.

udp() ->
    {A, AN} = open(inet),
    {B, BN} = open(inet),
    p(socket:sendto(A, <<"one">>, BN)),
    p(socket:sendto(A, ["t", $w, <<"o">>], BN)),
    {ok, {From, Data}} = socket:recvfrom(B),
    p({From =:= AN, Data}),
    p(socket:recv(B, 0, 1000)),
    p(socket:recvfrom(B, 0, 20)),
    p(socket:recvfrom(B, 0, nowait) =/= []),
    p(socket:sendto(A, <<>>, BN)),
    p(socket:send(A, <<"nobody">>)),
    p(socket:sendto(A, binary:copy(<<0>>, 70000), BN)),
    p(socket:sendto(A, <<"x">>, #{family => inet6, addr => loopback, port => 9})),
    [socket:close(X) || X <- [A, B]].

connected() ->
    {A, AN} = open(inet),
    {B, BN} = open(inet),
    p(socket:connect(A, BN)),
    p(socket:peername(A) =:= {ok, BN}),
    p(socket:send(A, <<"hi">>)),
    {ok, #{addr := From} = Msg} = socket:recvmsg(B),
    p({From =:= AN, maps:remove(addr, Msg)}),
    p(socket:connect(A, #{family => unspec})),
    p(socket:peername(A)),
    [socket:close(X) || X <- [A, B]].

sizes() ->
    {A, _} = open(inet),
    {B, BN} = open(inet),
    [ok = socket:sendto(A, <<"0123456789">>, BN) || _ <- lists:seq(1, 6)],
    timer:sleep(20),
    p(socket:recv(B, 4)),
    p(socket:recv(B, 4, [peek])),
    {ok, <<"0123", _/binary>>} = socket:recv(B, 4, [trunc]),    % OTP 25 gives as many bytes as were sent, of which it has four
    {ok, M} = socket:recvmsg(B, 4, 0),
    p(maps:remove(addr, M)),
    {ok, {_, D}} = socket:recvfrom(B, 3),
    p(D),
    {ok, M2} = socket:recvmsg(B, 100, 0, [peek], 1000),
    p(maps:remove(addr, M2)),
    p(socket:recv(B, 10)),
    p(socket:recv(B, 0, [oob], 100)),
    p(socket:recv(B, 0, [nonsense], 100)),
    p(socket:recv(B, 0, [16#40], 10)),
    [socket:close(X) || X <- [A, B]].

control(Domain) ->
    {A, AN} = open(Domain),
    {B, BN} = open(Domain),
    {Options, Send} =
        case Domain of
            inet -> {[{ip, pktinfo}, {ip, recvttl}, {ip, recvtos}, {socket, timestamp}],
                     [#{level => ip, type => tos, value => reliability}, #{level => ip, type => ttl, data => <<9:32/native>>}]};
            inet6 -> {[{ipv6, recvpktinfo}, {ipv6, recvhoplimit}, {ipv6, recvtclass}],
                      [#{level => ipv6, type => hoplimit, value => 7}, #{level => ipv6, type => tclass, value => 8}]}
        end,
    p([socket:setopt(B, O, true) || O <- Options]),
    p(socket:sendmsg(A, #{addr => BN, iov => [<<"a">>, <<"b">>], ctrl => Send})),
    {ok, #{addr := AN, ctrl := Ctrl} = M} = socket:recvmsg(B, 0, 0, [], 1000),
    p(maps:without([addr, ctrl], M)),
    p(lists:sort([without_time(C) || C <- Ctrl])),
    p(socket:sendmsg(A, #{addr => BN, iov => [<<"a">>], ctrl => []})),
    {ok, #{flags := Flags}} = socket:recvmsg(B, 0, 1, [], 1000),
    p(Flags),
    p([element(1, socket:sendmsg(A, #{addr => BN, iov => [<<"a">>], ctrl => [#{level => ip, type => ttl, data => binary:copy(<<0>>, 2000)}]}))]),
    p([socket:sendmsg(A, #{addr => BN, iov => [<<"a">>], ctrl => Bad})
       || Bad <- [[#{}], [#{level => ip}], [#{level => ip, type => tos}], [#{level => ip, type => tos, value => x}],
                  [#{level => ip, type => tos, value => 1, data => 1}], [#{level => nowhere, type => tos, value => 1}],
                  [#{level => socket, type => rights, value => 1}], [#{level => ip, type => ttl, data => x}],
                  [#{level => ip, type => pktinfo, value => 1}], [#{level => 77777, type => 1, data => <<1>>}]]]),
    [socket:close(X) || X <- [A, B]].

without_time(#{type := timestamp, value := #{sec := S, usec := U}}) when is_integer(S), is_integer(U) -> time;
without_time(#{type := pktinfo} = C) -> maps:remove(data, C);
without_time(C) -> C.

local() ->
    Directory = "/tmp/lintel_socket_" ++ os:getpid(),
    ok = file:make_dir(Directory),
    Name = fun(N) -> #{family => local, path => Directory ++ "/" ++ N} end,
    {ok, A} = socket:open(local, dgram),
    {ok, B} = socket:open(local, dgram, default),
    p(socket:bind(A, Name("a"))),
    p(socket:bind(B, Name("a"))),
    {ok, #{family := local, path := Path}} = socket:sockname(A),
    p(Path =:= list_to_binary(Directory ++ "/a")),
    p(socket:sockname(B)),
    p(socket:sendto(B, <<"from nobody">>, Name("a"))),
    p(socket:recvfrom(A)),
    p(socket:sendto(B, <<"x">>, Name("none"))),
    p(socket:bind(B, #{family => local, path => <<0, "lintel", (list_to_binary(os:getpid()))/binary>>})),
    p(socket:sendto(B, <<"abstract">>, Name("a"))),
    {ok, {#{path := <<0, "lintel", _/binary>>}, Data}} = socket:recvfrom(A),
    p(Data),
    p([socket:bind(B, #{family => local, path => Bad})
       || Bad <- [lists:duplicate(108, $x), lists:duplicate(300, $x), binary:copy(<<"y">>, 256), 17]]),
    p(socket:getopt(A, {socket, protocol})),
    p(socket:getopt(A, {socket, domain})),
    {ok, L} = socket:open(local, stream),
    ok = socket:bind(L, Name("s")),
    ok = socket:listen(L),
    {ok, C} = socket:open(local, stream),
    ok = socket:connect(C, Name("s")),
    {ok, S} = socket:accept(L),
    p({socket:peername(S), socket:sockname(C)}),
    ok = socket:setopt(S, {socket, passcred}, true),
    ok = socket:send(C, <<"who">>),
    {ok, #{ctrl := [#{level := socket, type := credentials, data := Credentials}]}} = socket:recvmsg(S),
    p(byte_size(Credentials)),
    [socket:close(X) || X <- [A, B, L, C, S]],
    [file:delete(Directory ++ "/" ++ N) || N <- ["a", "s"]],
    file:del_dir(Directory).

sequence() ->
    {ok, L} = socket:open(local, seqpacket),
    Name = #{family => local, path => <<0, "lintel_seq", (list_to_binary(os:getpid()))/binary>>},
    ok = socket:bind(L, Name),
    ok = socket:listen(L),
    {ok, C} = socket:open(local, seqpacket),
    ok = socket:connect(C, Name),
    {ok, S} = socket:accept(L),
    p([socket:send(C, D) || D <- [<<"one">>, <<"two">>]]),
    p([socket:recv(S), socket:recv(S)]),
    socket:close(C),
    p(socket:recv(S)),
    [socket:close(X) || X <- [L, S]].

raw_numbers() ->
    {ok, S} = socket:open(2, 2, {raw, 17}),
    p(maps:with([domain, type, protocol], socket:info(S))),
    p(socket:bind(S, #{family => 2, addr => <<0, 0, 127, 0, 0, 1, 0:64>>})),
    {ok, #{addr := A}} = socket:sockname(S),
    p(A),
    socket:close(S),
    p([try socket:open(D, T, P) catch _:{R, _} -> R end || {D, T, P} <- [{inet, stream, udp}, {inet, 99, default}, {9999, stream, default},
                                             {nowhere, stream, tcp}, {inet, nothing, tcp}, {inet, stream, nowhere},
                                             {inet, stream, 1 bsl 40}]]).

multicast() ->
    {ok, S} = socket:open(inet, dgram, udp),
    Group = #{multiaddr => {224, 0, 0, 251}, interface => {127, 0, 0, 1}},
    p([socket:setopt(S, {ip, O}, Group) || O <- [add_membership, drop_membership, drop_membership]]),
    p([socket:setopt(S, {ip, add_membership}, X)
       || X <- [#{}, x, Group#{interface := x}, Group#{multiaddr := {1, 2, 3}}, Group#{multiaddr := {1, 2, 3, 256}}]]),
    p([socket:setopt(S, {ip, O}, Group#{sourceaddr => {10, 1, 1, 1}})
       || O <- [add_source_membership, block_source, drop_source_membership]]),
    p(socket:setopt(S, {ip, multicast_if}, {127, 0, 0, 1})),
    p(socket:getopt(S, {ip, multicast_if})),
    p(socket:setopt(S, {ip, msfilter}, Group#{mode => exclude, slist => []})),
    p(socket:setopt(S, {ip, msfilter}, Group#{mode => maybe_so, slist => []})),
    p(socket:setopt(S, {ip, msfilter}, null)),
    {ok, S6} = socket:open(inet6, dgram, udp),
    p(socket:setopt(S6, {ipv6, add_membership}, #{multiaddr => {16#ff02, 0, 0, 0, 0, 0, 0, 16#fb}, interface => 1})),
    p(socket:setopt(S6, {ipv6, add_membership}, #{multiaddr => {16#ff02, 0, 0, 0, 0, 0, 0}, interface => 1})),
    [socket:close(X) || X <- [S, S6]].
