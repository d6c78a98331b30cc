%% Several messages at once, several addresses of one socket, what only SCTP has: the functions of module socket that OTP 29 has brought.
-module(batches).
-export([main/0]).

main() ->
    {module, socket} = code:ensure_loaded(socket),
    case erlang:function_exported(socket, sendmmsg, 4) of
        true -> lists:foreach(fun(F) -> F() end, [fun datagrams/0, fun control/0, fun waiting/0, fun wrong/0, fun streams/0, fun addresses/0, fun options/0, fun polls/0, fun asking/0]);
        false -> io:format("no sendmmsg before OTP 29~n")
    end,
    sctp().

show(What, F) ->
    io:format("~p: ~p~n", [What, listed(try F() of V -> V catch C:R -> {C, R} end)]).

%% Releases write maps in orders of their own.
listed(M) when is_map(M) -> {map, [{K, listed(V)} || {K, V} <- lists:sort(maps:to_list(M))]};
listed(T) when is_tuple(T) -> list_to_tuple(listed(tuple_to_list(T)));
listed([H | T]) -> [listed(H) | listed(T)];
listed(Other) -> Other.

%% Through apply: not in all releases that this is compiled on.
s(F, A) -> apply(socket, F, A).
send(S, Messages) -> s(sendmmsg, [S, Messages, [], infinity]).
recv(S, N) -> recv(S, N, 0, [], 1000).
recv(S, N, Size, Flags, Timeout) -> s(recvmmsg, [S, N, Size, 0, Flags, Timeout]).
udp() ->
    {ok, S} = socket:open(inet, dgram, udp),
    ok = socket:bind(S, #{family => inet, addr => loopback, port => 0}),
    {ok, A} = socket:sockname(S),
    {S, A}.
pair() ->
    {S, _} = udp(), {R, A} = udp(),
    {S, R, fun(Bytes) -> #{addr => A, iov => [Bytes]} end}.
%% Without the sender, whose port is another each time.
plain({ok, Messages}) -> {ok, [maps:remove(addr, M) || M <- Messages]};
plain(Other) -> Other.
sent(S, R, Messages) ->
    Result = send(S, Messages),
    timer:sleep(20),
    {Result, plain(recv(R, 10))}.

datagrams() ->
    {S, R, M} = pair(),
    show(three, fun() -> sent(S, R, [M(<<"a">>), M(<<"bc">>), (M(<<>>))#{iov := [<<"d">>, <<>>, <<"ef">>]}]) end),
    show(fewer, fun() -> send(S, [M(<<N>>) || N <- lists:seq(1, 5)]), timer:sleep(20), [plain(recv(R, 2)), plain(recv(R, 2)), plain(recv(R, 2))] end),
    show(empty, fun() -> sent(S, R, [M(<<>>), (M(<<>>))#{iov := []}]) end),
    show(none, fun() -> send(S, []) end),
    show(nothing, fun() -> [recv(R, 1, 0, [], 0), recv(R, 1, 0, [], 10)] end),
    show(cut, fun() -> send(S, [M(<<"abcdef">>), M(<<"xy">>)]), timer:sleep(20), plain(recv(R, 5, 3, [], 0)) end),
    show(peek, fun() -> send(S, [M(<<"abcdef">>)]), timer:sleep(20), [plain(recv(R, 1, 0, [peek], 0)), plain(recv(R, 5, 0, [], 0))] end),
    show(from, fun() -> {ok, Name} = socket:sockname(S), send(S, [M(<<"z">>)]), {ok, [#{addr := A}]} = recv(R, 3), A =:= Name end),
    show(many, fun() -> send(S, [M(<<"m">>) || _ <- lists:seq(1, 100)]), timer:sleep(50), {ok, L} = recv(R, 2000), {length(L), lists:usort([I || #{iov := I} <- L])} end),
    show(too_large, fun() -> send(S, [M(binary:copy(<<0>>, 70000)), M(<<"h">>)]) end),
    show(no_address, fun() -> send(S, [#{iov => [<<"x">>]}]) end),
    show(connected, fun() -> {ok, A} = socket:sockname(R), ok = socket:connect(S, A), sent(S, R, [#{iov => [<<"x">>]}, #{iov => [<<"y">>, <<"z">>]}]) end),
    show(counted, fun() -> #{counters := C} = socket:info(R), maps:with([read_byte, read_pkg, read_pkg_max, read_fails], C) end).

control() ->
    {S, R, M} = pair(),
    ok = socket:setopt(R, {ip, recvtos}, true),
    show(received, fun() -> sent(S, R, [M(<<"a">>), (M(<<"b">>))#{ctrl => [#{level => ip, type => tos, data => <<16:32/native>>}]}, (M(<<"c">>))#{ctrl => []}]) end).

waiting() ->
    {S, R, M} = pair(),
    show(select, fun() -> {select, {select_info, What, H} = I} = recv(R, 5, 0, [], nowait), send(S, [M(<<"q">>)]),
        receive {'$socket', R, select, H} -> ok end, [What, plain(recv(R, 5, 0, [], nowait)), element(1, s(cancel, [R, I]))] end),
    show(cancel, fun() -> {select, I} = recv(R, 5, 0, [], nowait), [s(cancel, [R, I]), element(1, s(cancel, [R, I]))] end),
    show(handle, fun() -> H = make_ref(), {select, {select_info, recvmmsg, H} = I} = recv(R, 5, 0, [], H), s(cancel, [R, I]) end),
    show(later, fun() -> spawn(fun() -> timer:sleep(50), send(S, [M(<<"w">>)]) end), plain(recv(R, 5, 0, [], infinity)) end),
    show(others, fun() -> Me = self(), P = spawn(fun() -> Me ! {self(), plain(recv(R, 1, 0, [], infinity))} end), timer:sleep(50), send(S, [M(<<"o">>)]),
        receive {P, X} -> X end end),
    show(closed, fun() -> Me = self(), spawn(fun() -> Me ! {got, recv(R, 1, 0, [], infinity)} end), timer:sleep(50), socket:close(R), [receive {got, X} -> X end, recv(R, 1), begin socket:close(S), send(S, [M(<<>>)]) end] end).

wrong() ->
    {S, R, M} = pair(),
    Good = M(<<"x">>),
    show(messages, fun() -> [try send(S, Ms) catch error:E -> E end ||
        Ms <- [[x], [#{}], [Good, #{iov => x}], [Good | x], [Good#{iov := [x]}], [Good#{iov := [<<1:3>>]}], [Good#{addr := x}], [Good#{addr := #{family => inet6}}], x]] end),
    show(flags, fun() -> [s(sendmmsg, [S, [Good], F, 10]) || F <- [[dontroute], [nothing]]] end),
    show(sizes, fun() -> [try s(recvmmsg, [R | A]) catch error:E -> E end || A <- [[0, 0, 0, [], 0], [-1, 0, 0, [], 0], [x, 0, 0, [], 0], [1, -1, 0, [], 0], [1, 0, x, [], 0], [1, 0, 0, [nothing], 0], [1, 0, 0, [], x]]] end).

streams() ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, #{family => inet, addr => loopback, port => 0}), ok = socket:listen(L), {ok, A} = socket:sockname(L),
    {ok, C} = socket:open(inet, stream, tcp), ok = socket:connect(C, A), {ok, D} = socket:accept(L),
    show(stream, fun() -> R = send(C, [#{iov => [<<"a">>, <<"b">>]}, #{iov => [<<"cd">>]}]), timer:sleep(20), {R, recv(D, 3)} end),
    %% What the peer does not read stays, some time.
    show(full, fun() -> {Rest, Result} = fill(C, binary:copy(<<"x">>, 1000000), 100), {Rest, Result} end),
    show(ended, fun() -> socket:close(C), drained(D) end).

fill(_, _, 0) -> never_full;
fill(C, Bytes, N) ->
    case s(sendmmsg, [C, [#{iov => [Bytes]}], [], nowait]) of
        ok -> fill(C, Bytes, N - 1);
        {ok, [[Rest]]} -> fill(C, Rest, N - 1);
        {select, {select_info, What, _} = I} -> {What, s(cancel, [C, I])}
    end.

drained(D) ->
    case recv(D, 3, 1000000, [], 1000) of
        {ok, [#{iov := [<<>>]} = M | _]} -> M;
        {ok, _} -> drained(D);
        Other -> Other
    end.

addresses() ->
    {S, A} = udp(),
    Closed = element(1, udp()), ok = socket:close(Closed),
    show(bind, fun() -> [try s(bind, [X, As, How]) catch error:{case_clause, W} -> W; error:E -> E end || {X, As, How} <- [{S, [A], add}, {S, [A], remove}, {S, [], add}, {S, [A], x}, {Closed, [A], add}]] end),
    show(connect, fun() -> [s(connect, [S, As]) || As <- [[A], []]] end),
    show(names, fun() -> [try s(F, [S, N]) catch error:E -> E end || F <- [socknames, peernames], N <- [1, x]] end),
    show(peeloff, fun() -> [try s(peeloff, [S, N]) catch error:E -> E end || N <- [1, x]] end).

options() ->
    {S, _} = udp(),
    show(select_read, fun() -> O = {otp, select_read}, [socket:getopt(S, O), socket:setopt(S, O, true), socket:getopt(S, O), element(1, socket:setopt(S, O, x))] end),
    show(native, fun() -> [socket:getopt_native(S, {socket, type}, V) || V <- [integer, 4, <<0:32>>, x]] end),
    show(with_value, fun() -> [prim_socket:getopt(element(2, S), {socket, type}, V) || V <- [1, x]] end).

%% {otp, select_read}: with what has come one asks for more.
asking() ->
    {S, R, M} = pair(),
    ok = socket:setopt(R, {otp, select_read}, true),
    Next = fun(F) ->
        send(S, [M(<<"a">>), M(<<"b">>)]), timer:sleep(20),
        {select_read, {{select_info, What, H}, _}} = F(nowait),
        receive {'$socket', R, select, H} -> ok after 1000 -> none end,
        First = F(10), {What, element(1, First), [case F(T) of {select_read, {I, _}} -> {select_read, s(cancel, [R, I])}; X -> X end || T <- [nowait, 0]] =/= []}
    end,
    [show(F, fun() -> Next(fun(T) -> s(F, [R | A] ++ [T]) end) end) || {F, A} <- [{recv, [0]}, {recvfrom, [0]}, {recvmsg, []}]].

polls() ->
    {S, R, M} = pair(),
    show(polls, fun() -> [socket:recv(R, 0, 0), socket:recvfrom(R, 0, 0), socket:recvmsg(R, 0)] end),
    show(polled, fun() -> send(S, [M(<<"a">>)]), timer:sleep(20), socket:recv(R, 0, 0) end).

%% This system has it not, or the socket is closed at once.
sctp() ->
    show(sctp, fun() -> [ended(socket:open(inet, T, sctp)) || T <- [seqpacket, stream]] end),
    %% Why not: OTP may have been installed without the library for it.
    show(gen_sctp, fun() -> [element(1, F()) || F <- [fun() -> gen_sctp:open() end, fun() -> gen_sctp:open([]) end, fun() -> gen_sctp:open(0) end, fun() -> gen_sctp:open(0, [inet6]) end,
        fun() -> gen_sctp:open([{type, stream}]) end]] end),
    show(gen_sctp_wrong, fun() -> [try apply(gen_sctp, F, A) catch error:E -> E end || {F, A} <- [{open, [[x]]}, {close, [x]}, {recv, [x]}, {send, [x, 1, <<>>]}, {listen, [x, true]}, {peeloff, [x, 1]}, {error_string, [1]}]] end).

ended({ok, S}) -> socket:close(S), ok;
ended(Other) -> Other.
