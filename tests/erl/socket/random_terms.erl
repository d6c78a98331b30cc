%% Random terms as arguments of prim_socket's and prim_net's functions. What comes out is not compared, but for the sockets' sake: they still work.
-module(random_terms).
-export([main/0]).

main() ->
    rand:seed(exsss, {3, 1, 4}),
    %% OTP 25 itself asserts what some of these terms break.
    [addresses() || erlang:module_loaded(lintel_code)],
    [round_(N) || erlang:module_loaded(lintel_code), N <- lists:seq(1, 40)],
    io:format("done~n").

%% Options that say where in memory the system shall write.
addresses() ->
    {ok, S} = socket:open(inet, stream, tcp),
    [{error, enotsup} = socket:getopt_native(S, O, binary:copy(<<255>>, 64)) || O <- [{tcp, 35}, {6, 35}, {ip, 64}, {284, 4}]],
    [{error, enotsup} = socket:setopt_native(S, O, binary:copy(<<255>>, 64)) || O <- [{socket, 26}, {1, 26}, {ip, 128}, {ipv6, 64}]],
    [{error, eafnosupport} = socket:open(D, raw, default) || D <- [21, 44]],
    ok = socket:close(S).

round_(_) ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, #{family => inet, addr => loopback, port => 0}),
    ok = socket:listen(L),
    {ok, Name} = socket:sockname(L),
    {ok, C} = socket:open(inet, stream, tcp),
    ok = socket:connect(C, Name),
    {ok, S} = socket:accept(L),
    {ok, U} = socket:open(inet, dgram, udp),
    ok = socket:bind(U, #{family => inet, addr => loopback}),
    {ok, UName} = socket:sockname(U),
    Pool = [R || {'$socket', R} <- [L, C, S, U]] ++ [UName],
    {Pid, Ref} = spawn_monitor(fun() -> [call(Pool) || _ <- lists:seq(1, 150)] end),
    receive {'DOWN', Ref, process, Pid, normal} -> ok end,
    [socket:close(X) || X <- [L, C, S, U]],
    flush().

flush() -> receive _ -> flush() after 0 -> ok end.

call(Pool) ->
    {M, F, Kinds} = one_of([{prim_socket, F, Ks} || {F, Ks} <- functions()] ++ natives()),
    Args = [argument(K, Pool) || K <- Kinds],
    try apply(M, F, Args) catch _:_ -> ok end,
    flush().

%% Nothing keeps a program from calling these.
natives() ->
    [{prim_socket, F, Ks}
     || {F, Ks} <- [{nif_info, [any]}, {nif_supports, [any]}, {nif_open, [int, map]}, {nif_open, [any, any, int, map]}, {nif_bind, [sock, address]},
                    {nif_connect, [sock, ref, address]}, {nif_accept, [sock, any]}, {nif_send, [sock, data, int, ref]}, {nif_sendto, [sock, data, address, int, ref]},
                    {nif_sendmsg, [sock, message, int, ref, iov]}, {nif_sendmsg, [sock, message, flags, ref, any]}, {nif_recv, [sock, int, int, any]},
                    {nif_recvfrom, [sock, int, int, ref]}, {nif_recvmsg, [sock, int, int, int, ref]}, {nif_close, [any]}, {nif_finalize_close, [sock]},
                    {nif_setopt, [sock, any, int, any, int]}, {nif_setopt, [sock, int, int, map, int]}, {nif_getopt, [sock, any, int]}, {nif_getopt, [sock, int, int, any]},
                    {nif_ioctl, [sock, any]}, {nif_ioctl, [sock, int, any]}, {nif_sendfile, [sock, ref, int, int, ref]}, {nif_sendfile, [sock, ref, int, int]},
                    {nif_cancel, [sock, op, any]}, {nif_shutdown, [sock, any]}]] ++
    [{prim_net, F, Ks} || {F, Ks} <- [{nif_info, []}, {nif_command, [any]}, {nif_getnameinfo, [address, [numerichost]]}, {nif_getnameinfo, [address, any]},
                                      {nif_getifaddrs, [map]}, {nif_if_name2index, [any]}, {nif_if_index2name, [any]}, {nif_if_names, []}]].

functions() ->
    [{info, [sock]}, {supports, [any]}, {is_supported, [any, any]}, {open, [any, any]}, {open, [any, any, any, map]}, {bind, [sock, address]},
     {connect, [sock]}, {connect, [sock, ref, address]}, {listen, [sock, int]}, {accept, [sock, ref]}, {send, [sock, data, flags, ref]},
     {sendto, [sock, data, address, flags, ref]}, {sendto, [sock, data, {address, address, int}, ref]}, {sendmsg, [sock, message, flags, ref, iov]},
     {sendfile, [sock, int, int, ref]}, {sendfile, [sock, any, int, int, ref]}, {sendfile_deferred_close, [sock]}, {recv, [sock, int, flags, ref]},
     {recvfrom, [sock, int, flags, ref]}, {recvmsg, [sock, int, int, flags, ref]}, {shutdown, [sock, any]}, {setopt, [sock, option, any]},
     {setopt, [sock, option, map]}, {setopt_native, [sock, option, any]}, {getopt, [sock, option]}, {getopt_native, [sock, option, any]},
     {sockname, [sock]}, {peername, [sock]}, {ioctl, [sock, int]}, {ioctl, [sock, request, any]}, {cancel, [sock, op, ref]}].

one_of(List) -> lists:nth(rand:uniform(length(List)), List).

argument(_, Pool) when Pool =:= [] -> [];
argument(K, Pool) ->
    case rand:uniform(12) of
        1 -> any(3);
        _ -> argument_(K, Pool)
    end.

argument_({A, B, C}, Pool) -> {argument(A, Pool), argument(B, Pool), argument(C, Pool)};
argument_([numerichost] = Flags, _) -> Flags;
argument_(sock, Pool) -> one_of([R || R <- Pool, is_reference(R)]);
argument_(ref, Pool) -> one_of([make_ref(), make_ref(), make_ref(), 0, hd(Pool)]);
argument_(int, _) -> one_of([0, 1, -1, 5, 100, 65536, 16#7fffffff, 1 bsl 31, 1 bsl 32, 1 bsl 63, (1 bsl 63) - 1, 1 bsl 64, -(1 bsl 70), rand:uniform(1000)]);
argument_(flags, _) -> one_of([0, 0, 2, 32, 64, rand:uniform(16#7fffffff), [peek], [trunc, peek], [oob], [x], [rand:uniform(1 bsl 31)], []]);
argument_(data, _) -> one_of([<<>>, <<"data">>, binary:copy(<<"x">>, 3000), <<1:3>>, element(2, split_binary(<<"0123456789">>, 3))]);
argument_(iov, _) -> [argument_(data, []) || _ <- lists:seq(1, rand:uniform(4) - 1)] ++ one_of([[], [], [], x, <<"tail">>]);
argument_(address, Pool) ->
    one_of([lists:last(Pool), #{family => inet, addr => any(1), port => any(1)}, #{family => inet6, addr => loopback, port => 7, flowinfo => any(1), scope_id => any(1)},
            #{family => local, path => any(1)}, #{family => rand:uniform(50), addr => any(1)}, #{family => unspec, addr => <<>>}, #{family => any(1)}, #{}]);
argument_(message, Pool) ->
    Pick = [{addr, argument_(address, Pool)}, {ctrl, [control() || _ <- lists:seq(1, rand:uniform(3))]}, {flags, any(1)}],
    maps:from_list([KV || KV <- Pick, rand:uniform(2) =:= 1]);
argument_(map, _) -> maps:from_list([{one_of([debug, use_registry, dup, domain, type, protocol, netns, any(1)]), any(1)} || _ <- lists:seq(1, rand:uniform(4))]);
argument_(option, _) ->
    Names = [{L, O} || {L, O} <- maps:keys(persistent_term:get({prim_socket, options}))],
    case one_of(Names ++ [{socket, rand:uniform(60)}, {rand:uniform(300), rand:uniform(60)}, {otp, rcvbuf}, {otp, meta}, {otp, debug}]) of
        {socket, bindtodevice} -> {socket, type};
        O -> O
    end;
argument_(request, _) -> one_of([gifaddr, gifmtu, gifname, gifflags, gifmap, giftxqlen, rand:uniform(40000)]);
argument_(op, _) -> one_of([accept, connect, recv, recvfrom, recvmsg, send, sendto, sendmsg, sendfile, x]);
argument_(any, _) -> any(3).

control() ->
    Pick = [{level, one_of([socket, ip, ipv6, any(1)])}, {type, one_of([rights, tos, ttl, tclass, hoplimit, timestamp, any(1)])}, {value, any(2)}, {data, any(1)}],
    maps:from_list([KV || KV <- Pick, rand:uniform(4) > 1]).

any(0) -> any_leaf();
any(D) ->
    case rand:uniform(6) of
        1 -> list_to_tuple([any(D - 1) || _ <- lists:seq(1, rand:uniform(5) - 1)]);
        2 -> [any(D - 1) || _ <- lists:seq(1, rand:uniform(4) - 1)];
        3 -> maps:from_list([{one_of([sec, usec, onoff, linger, multiaddr, interface, slist, mode, addr, port, any(D - 1)]), any(D - 1)} || _ <- lists:seq(1, rand:uniform(5))]);
        _ -> any_leaf()
    end.

any_leaf() ->
    one_of([x, true, false, undefined, inet, local, any, loopback, default, [], [x | y], "lo", "text", <<>>, <<"bytes">>, <<0, 1, 2>>, <<7:5>>, binary:copy(<<0>>, 200), 0, 1, -1,
            255, 70000, 1 bsl 31, 1 bsl 40, 1 bsl 64, 1.5, self(), make_ref(), {127, 0, 0, 1}, {0, 0, 0, 0, 0, 0, 0, 1}, fun erlang:self/0, #{}]).
