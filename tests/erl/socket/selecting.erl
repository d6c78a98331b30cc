%% What does not wait: select messages, handles, cancelling, who waits in line, what closing does to them.
-module(selecting).
-export([main/0]).

main() ->
    accepting(),
    connecting(),
    receiving(),
    in_line(),
    closing(),
    sending(),
    sending_in_line(),
    ended(),
    wrong_state().

p(X) -> io:format("~0p~n", [X]).

listener() ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, #{family => inet, addr => loopback, port => 0}),
    ok = socket:listen(L),
    {ok, Name} = socket:sockname(L),
    {L, Name}.

pair() ->
    {L, Name} = listener(),
    {ok, C} = socket:open(inet, stream, tcp),
    ok = socket:connect(C, Name),
    {ok, S} = socket:accept(L),
    socket:close(L),
    {C, S}.

%% A message of the socket's, without what differs from run to run.
message(S, H) ->
    receive
        {'$socket', S, select, H} -> select;
        {'$socket', S, abort, {H, Why}} -> {abort, Why};
        {'$socket', _, Tag, _} -> {other, Tag}
    after 1000 -> none
    end.

no_message() -> receive M -> {unexpected, M} after 30 -> none end.

waiting(S) -> maps:with([num_readers, num_writers, num_acceptors], socket:info(S)).

accepting() ->
    {L, Name} = listener(),
    {select, {select_info, accept, H}} = socket:accept(L, nowait),
    p({is_reference(H), waiting(L)}),
    H2 = make_ref(),
    p(socket:accept(L, H2) =:= {select, {select_info, accept, H2}}),
    {ok, C} = socket:open(inet, stream, tcp),
    ok = socket:connect(C, Name),
    p(message(L, H2)),
    {ok, S} = socket:accept(L, nowait),
    p(no_message()),
    {select, I} = socket:accept(L, nowait),
    p(socket:cancel(L, I)),
    p(socket:cancel(L, I) =:= {error, {invalid, I}}),
    p(waiting(L)),
    [socket:close(X) || X <- [L, C, S]].

connecting() ->
    {L, Name} = listener(),
    {ok, C} = socket:open(inet, stream, tcp),
    case socket:connect(C, Name, nowait) of
        {select, {select_info, connect, H}} ->
            select = message(C, H),
            ok = socket:connect(C);
        ok -> ok
    end,
    p(socket:peername(C) =:= {ok, Name}),
    p(try socket:connect(C) catch E:R -> {E, R} end),
    {ok, D} = socket:open(inet, stream, tcp),
    p(try socket:connect(D) catch E2:R2 -> {E2, R2} end),
    p(socket:connect(D, #{family => inet, addr => loopback, port => 1}, 1000)),
    [socket:close(X) || X <- [L, C, D]].

receiving() ->
    {C, S} = pair(),
    {select, {select_info, _, H} = I} = socket:recv(S, 0, nowait),
    ok = socket:send(C, <<"abc">>),
    p(message(S, H)),
    p(socket:recv(S, 0, nowait)),
    {select, {select_info, _, H2} = I2} = socket:recv(S, 3, nowait),
    p(socket:cancel(S, I2)),
    ok = socket:send(C, <<"de">>),
    p(message(S, H2)),
    {select, {{select_info, _, H3}, Part}} = socket:recv(S, 5, nowait),
    p(Part),
    ok = socket:send(C, <<"fgh">>),
    p(message(S, H3)),
    p(socket:recv(S, 3, nowait)),
    p(socket:cancel(S, I) =:= {error, {invalid, I}}),
    {select, {select_info, _, H4} = I4} = socket:recv(S, 1, nowait),
    ok = socket:send(C, <<"i">>),
    timer:sleep(30),
    p(socket:cancel(S, I4)),
    p(message(S, H4)),
    p(socket:recv(S, 1)),
    p(socket:recv(S, 7, 30)),
    ok = socket:send(C, <<"rest">>),
    timer:sleep(20),
    p(socket:recv(S, 7, 30)),
    p(socket:recv(S, 7, 0)),
    Handle = make_ref(),
    {select, {select_info, _, Handle}} = socket:recv(S, 0, [], Handle),
    socket:close(C),
    p(message(S, Handle)),
    p(socket:recv(S, 0, [], Handle)),
    p(socket:recv(S, 0, nowait)),
    socket:close(S).

%% Each of several readers gets what comes in its turn.
in_line() ->
    {C, S} = pair(),
    Self = self(),
    Readers = [begin
                   Pid = spawn_link(fun() -> Self ! {N, socket:recv(S, 2, 5000)} end),
                   timer:sleep(20),
                   Pid
               end || N <- [1, 2, 3]],
    p({length(Readers), waiting(S)}),
    {Impatient, R} = spawn_monitor(fun() -> exit(socket:recv(S, 2, 50)) end),
    p(receive {'DOWN', R, process, Impatient, Why} -> Why end),
    p(waiting(S)),
    [begin ok = socket:send(C, D), p(receive {N, Got} -> {N, Got} after 1000 -> none end) end
     || {N, D} <- [{1, <<"aa">>}, {2, <<"bb">>}, {3, <<"cc">>}]],
    p(waiting(S)),
    [socket:close(X) || X <- [C, S]].

closing() ->
    {L, _} = listener(),
    Self = self(),
    [begin spawn_link(fun() -> Self ! {N, socket:accept(L)} end), timer:sleep(20) end || N <- [1, 2, 3]],
    p(waiting(L)),
    p(socket:close(L)),
    p([receive {N, R} -> R after 1000 -> none end || N <- [1, 2, 3]]),
    {C, S} = pair(),
    {select, {select_info, _, H}} = socket:recv(S, 0, nowait),
    spawn_link(fun() -> Self ! {closed, socket:close(S)} end),
    p(receive {closed, R2} -> R2 end),
    p(message(S, H)),
    p(socket:recv(S, 0, nowait)),
    p(socket:recv(C, 0, nowait)),
    socket:close(C),
    p(no_message()).

fill(C, Data) ->
    case socket:send(C, Data, nowait) of
        ok -> fill(C, Data);
        {select, {{select_info, _, _} = I, Rest}} -> {I, Rest};
        {select, {select_info, _, _} = I} -> {I, Data}
    end.

drain(S, N) ->
    case socket:recv(S, 0, 200) of
        {ok, B} -> drain(S, N + byte_size(B));
        {error, timeout} -> N
    end.

sending() ->
    {C, S} = pair(),
    ok = socket:setopt(C, {socket, sndbuf}, 20000),
    {{select_info, _, H} = I, Rest} = fill(C, binary:copy(<<"x">>, 100000)),
    p(waiting(C)),
    drain(S, 0),
    p(message(C, H)),
    p(socket:send(C, Rest, I, infinity)),
    p(waiting(C)),
    drain(S, 0),
    {{select_info, _, _} = J, _} = fill(C, binary:copy(<<"x">>, 100000)),
    p(lists:member(socket:cancel(C, J), [ok, {error, {invalid, J}}])),
    p(waiting(C)),
    [socket:close(X) || X <- [C, S]].

sending_in_line() ->
    {C, S} = pair(),
    Self = self(),
    Data = binary:copy(<<"0123456789">>, 500000),
    [begin spawn_link(fun() -> Self ! {N, socket:send(C, Data)} end), timer:sleep(50) end || N <- [1, 2, 3]],
    p(maps:get(num_writers, waiting(C))),
    p(drain(S, 0)),
    p([receive {N, R} -> R after 5000 -> none end || N <- [1, 2, 3]]),
    p(waiting(C)),
    [socket:close(X) || X <- [C, S]].

%% Somebody who waits ends; then the owner does.
ended() ->
    {C, S} = pair(),
    Self = self(),
    First = spawn(fun() -> socket:recv(S, 1) end),
    timer:sleep(30),
    spawn_link(fun() -> Self ! {second, socket:recv(S, 1)} end),
    timer:sleep(30),
    p(waiting(S)),
    exit(First, kill),
    timer:sleep(30),
    p(waiting(S)),
    ok = socket:send(C, <<"z">>),
    p(receive {second, R} -> R after 1000 -> none end),
    {Owner, Ref} = spawn_monitor(fun() ->
                                         {ok, X} = socket:open(inet, dgram, udp),
                                         ok = socket:bind(X, #{family => inet, addr => loopback}),
                                         Self ! {socket, X},
                                         receive stop -> ok end
                                 end),
    X = receive {socket, Y} -> Y end,
    spawn_link(fun() -> Self ! {waited, socket:recv(X)} end),
    timer:sleep(30),
    Owner ! stop,
    receive {'DOWN', Ref, _, _, _} -> ok end,
    p(receive {waited, W} -> W after 1000 -> none end),
    p({socket:recv(X), maps:with([rstates, wstates, owner], socket:info(X))}),
    [socket:close(Z) || Z <- [C, S]].

wrong_state() ->
    {C, S} = pair(),
    {L, _} = listener(),
    {select, {select_info, _, _}} = socket:recv(S, 0, nowait),
    p(socket:accept(S, nowait)),
    {select, _} = socket:accept(L, nowait),
    p(socket:recv(L, 0, nowait)),
    p([try socket:recv(S, 0, T) catch E:R -> {E, R} end || T <- [-1, x, 1.0]]),
    p([try socket:cancel(S, X) of {error, {invalid, Y}} -> {invalid, Y =:= X}; Z -> Z catch E1:R1 -> {E1, R1} end
       || X <- [x, {select_info, recv, x}, {select_info, nothing, make_ref()}, {select_info, accept, make_ref()},
                {select_info, send, make_ref()}, {select_info, connect, make_ref()}]]),
    [socket:close(X) || X <- [C, S, L]].
