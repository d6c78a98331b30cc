%% Whose a socket is, the registry, monitors, what socket:info tells.
-module(owners).
-export([main/0]).

main() ->
    global(),
    owner(),
    counters(),
    registry(),
    monitors(),
    descriptors(),
    settings().

p(X) -> io:format("~0p~n", [X]).

try_(F) -> try F() catch C:R -> {C, R} end.

global() ->
    #{counters := N} = I = socket:info(),
    p(maps:remove(counters, I)),
    p(N),
    p(socket:number_of()),
    p([{K, lists:sort(socket:supports(K))} || K <- [ioctl_flags, nothing]]),
    p(lists:sort([{K, case is_list(V) of true -> lists:sort(V); false -> V end} || {K, V} <- socket:supports()])),
    p([lists:sort(socket:supports(K)) || K <- [msg_flags, ioctl_requests, protocols]]),
    p(lists:sort(socket:supports(options))),
    p([lists:sort(socket:supports(options, L)) || L <- [socket, ip, ipv6, tcp, udp, sctp, nothing, 17]]),
    p([socket:is_supported(K) || K <- [ipv6, sctp, local, netns, sendfile, nothing]]),
    p([socket:is_supported(K, V) || {K, V} <- [{options, {socket, acceptconn}}, {options, {ip, options}}, {options, x}, {msg_flags, peek},
                                              {msg_flags, x}, {protocols, tcp}, {protocols, 6}, {ioctl_flags, up}, {ioctl_requests, gifconf}, {x, y}]]).

owner() ->
    {ok, S} = socket:open(inet, dgram, udp),
    Self = self(),
    p(socket:getopt(S, {otp, controlling_process}) =:= {ok, Self}),
    Other = spawn(fun F() -> receive {G, From} -> From ! {answer, G()}, F() end end),
    Ask = fun(G) -> Other ! {G, self()}, receive {answer, A} -> A end end,
    p(Ask(fun() -> socket:setopt(S, {otp, controlling_process}, self()) end)),
    p(Ask(fun() -> socket:setopt(S, {otp, meta}, x) end)),
    p(socket:setopt(S, {otp, meta}, {some, <<"term">>, self(), lists:seq(1, 5)}) ),
    p(socket:getopt(S, {otp, meta}) =:= {ok, {some, <<"term">>, self(), [1, 2, 3, 4, 5]}}),
    p(socket:setopt(S, {otp, controlling_process}, Other)),
    p((maps:get(owner, socket:info(S))) =:= Other),
    p(socket:setopt(S, {otp, controlling_process}, self())),
    exit(Other, kill),
    timer:sleep(50),
    p(socket:recv(S, 0, nowait)),
    {ok, T} = socket:open(inet, dgram, udp),
    {Dead, R} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', R, _, _, _} -> ok end,
    p(socket:setopt(T, {otp, controlling_process}, Dead)),
    p(socket:close(T)),
    %% Anybody may close it.
    {ok, U} = socket:open(inet, dgram, udp),
    {C, CR} = spawn_monitor(fun() -> exit(socket:close(U)) end),
    p(receive {'DOWN', CR, process, C, Why} -> Why end),
    p(socket:close(U)).

counters() ->
    {ok, A} = socket:open(local, dgram),
    Name = #{family => local, path => <<0, "lintel_own", (list_to_binary(os:getpid()))/binary>>},
    {ok, B} = socket:open(local, dgram),
    ok = socket:bind(B, Name),
    [ok = socket:sendto(A, binary:copy(<<1>>, N), Name) || N <- [3, 10, 5]],
    [socket:recvfrom(B) || _ <- [1, 2, 3]],
    socket:recvfrom(B, 0, 0),
    p(maps:get(counters, socket:info(A))),
    p(maps:with([read_byte, read_pkg, read_pkg_max, read_tries, read_fails, acc_tries], maps:get(counters, socket:info(B)))),
    p(maps:without([counters, owner], socket:info(B))),
    [socket:close(X) || X <- [A, B]],
    p(maps:without([counters], socket:info(B))).

registry() ->
    p(socket:number_of()),
    {ok, A} = socket:open(inet, stream, tcp),
    {ok, B} = socket:open(inet6, dgram, udp),
    {ok, C} = socket:open(inet, stream, tcp, #{use_registry => false}),
    p(socket:number_of()),
    p(lists:sort(socket:which_sockets()) =:= lists:sort([A, B])),
    p([socket:which_sockets(F) =:= E || {F, E} <- [{inet6, [B]}, {tcp, [A]}, {udp, [B]}, {local, []}, {stream, [A]}, {dgram, [B]}, {sctp, []}]]),
    p([socket:getopt(X, {otp, use_registry}) || X <- [A, C]]),
    p(socket:setopt(C, {otp, use_registry}, false)),
    p(socket:setopt(C, {otp, use_registry}, true)),
    p(socket:number_of()),
    p(socket:use_registry(false)),
    {ok, D} = socket:open(inet, stream, tcp),
    p(socket:number_of()),
    p(socket:use_registry(true)),
    [socket:close(X) || X <- [A, B, C, D]],
    p(socket:number_of()),
    p(try_(fun() -> socket:use_registry(maybe_so) end)),
    p([try_(fun() -> prim_socket:F(maybe_so) end) || F <- [debug, socket_debug, use_registry]]).

monitors() ->
    {ok, A} = socket:open(inet, dgram, udp),
    M = socket:monitor(A),
    p(socket:which_monitors(A) =:= [M]),
    p({socket:number_of_monitors(), socket:number_of_monitors(self()), socket:monitored_by(A) =:= [self()]}),
    p(socket:cancel_monitor(M)),
    M2 = socket:monitor(A),
    socket:close(A),
    p(receive {'DOWN', M2, socket, A, Why} -> Why after 1000 -> none end),
    M3 = socket:monitor(A),
    p(receive {'DOWN', M3, socket, A, Why3} -> Why3 after 1000 -> none end),
    Self = self(),
    {Owner, _} = spawn_monitor(fun() -> {ok, B} = socket:open(inet, dgram, udp), Self ! {it, B}, receive stop -> ok end end),
    B = receive {it, It} -> It end,
    M4 = socket:monitor(B),
    Owner ! stop,
    p(receive {'DOWN', M4, socket, B, Why4} -> Why4 after 1000 -> none end).

descriptors() ->
    {ok, A} = socket:open(inet, stream, tcp),
    {ok, FD} = socket:getopt(A, {otp, fd}),
    {ok, B} = socket:open(FD),
    p(maps:with([domain, type, protocol], socket:info(B))),
    #{ctype := {fromfd, FD}} = socket:info(B),
    {ok, C} = socket:open(FD, #{dup => false}),
    p(maps:with([ctype], socket:info(C))),
    p(socket:bind(B, #{family => inet, addr => loopback})),
    p(socket:sockname(A) =:= socket:sockname(B)),
    p(socket:close(C)),
    p(element(1, socket:sockname(A))),
    p([socket:close(X) || X <- [B, A]]),
    p([try_(fun() -> socket:open(X, O) end) || {X, O} <- [{99999, #{}}, {-1, #{}}, {99999, #{domain => inet}}, {99999, #{domain => inet, type => stream}},
                                                         {1 bsl 40, #{}}, {FD, #{protocol => nothing}}]]).

settings() ->
    {ok, S} = socket:open(inet, stream, tcp),
    Get = fun(O) -> socket:getopt(S, {otp, O}) end,
    p([Get(O) || O <- [debug, iow, rcvbuf, rcvctrlbuf, sndctrlbuf, meta, use_registry, domain, nothing]]),
    [p({O, V, try_(fun() -> socket:setopt(S, {otp, O}, V) end), Get(O)})
     || {O, V} <- [{debug, false}, {debug, x}, {iow, true}, {iow, 1}, {rcvbuf, 100}, {rcvbuf, 0}, {rcvbuf, -1}, {rcvbuf, default}, {rcvbuf, {3, 200}},
                   {rcvbuf, {0, 200}}, {rcvbuf, {3, default}}, {rcvbuf, {3, x}}, {rcvbuf, {1, 2, 3}}, {rcvbuf, 1 bsl 63}, {rcvctrlbuf, 10}, {rcvctrlbuf, 0},
                   {rcvctrlbuf, default}, {sndctrlbuf, 10}, {sndctrlbuf, x}, {sndctrlbuf, default}, {domain, inet}, {nothing, 1}]],
    socket:close(S).
