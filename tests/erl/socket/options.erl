%% Every option that OTP has a name for: what it is, what can be set, what comes back; native ones.
-module(options).
-export([main/0]).

main() ->
    {ok, T} = socket:open(inet, stream, tcp),
    {ok, U} = socket:open(inet, dgram, udp),
    {ok, T6} = socket:open(inet6, stream, tcp),
    {ok, U6} = socket:open(inet6, dgram, udp),
    {ok, L} = socket:open(local, stream),
    Sockets = [{tcp, T}, {udp, U}, {tcp6, T6}, {udp6, U6}, {local, L}],
    [get_all(Tag, S) || {Tag, S} <- Sockets],
    [set_all(Tag, S) || {Tag, S} <- [{tcp, T}, {udp, U}, {udp6, U6}]],
    [p({O, V, socket:setopt(S, O, V), socket:getopt(S, O)}) || {S, O, V} <- good(T, U, U6)],
    native(T, U),
    bad(T),
    [socket:close(S) || {_, S} <- Sockets].

p(X) -> io:format("~0p~n", [X]).

%% OTP 25 does not find rtoinfo, whose number is 0.
all() -> lists:sort([O || {{_, Name} = O, _} <- socket:supports(options), Name =/= rtoinfo]).

%% What differs from machine to machine, or from run to run.
tame({socket, O}, {ok, N}) when O =:= rcvbuf; O =:= sndbuf -> {ok, is_integer(N)};
tame({_, maxseg}, {ok, N}) -> {ok, is_integer(N)};
tame({_, mtu}, {ok, N}) -> {ok, is_integer(N)};
tame(_, R) -> R.

get_all(Tag, S) -> [p({Tag, O, tame(O, catch_(fun() -> socket:getopt(S, O) end))}) || O <- all()].

catch_(F) -> try F() catch C:R -> {C, R} end.

%% Values of no option at all, and some that many have. What is set does no harm.
set_all(Tag, S) ->
    [p({Tag, O, [tame(O, catch_(fun() -> socket:setopt(S, O, V) end)) || V <- [foo, <<>>, 1.5, {1}, #{}, 1 bsl 40]]}) || O <- all()].

good(T, U, U6) ->
    [{T, {socket, O}, V} || {O, V} <- [{keepalive, true}, {keepalive, false}, {reuseaddr, true}, {reuseport, true}, {dontroute, true}, {dontroute, false},
                                       {oobinline, true}, {priority, 3}, {rcvlowat, 5}, {linger, #{onoff => true, linger => 7}}, {linger, abort},
                                       {linger, #{onoff => false, linger => 0}}, {linger, #{onoff => false}}, {linger, #{onoff => true, linger => -1}},
                                       {timestamp, true}, {broadcast, true}, {type, stream}, {acceptconn, true}, {bindtodevice, "lo"},
                                       {bindtodevice, ""}, {bindtodevice, lists:duplicate(20, $x)}, {debug, 0}]] ++
    [{T, {tcp, O}, V} || {O, V} <- [{nodelay, true}, {nodelay, false}, {cork, true}, {cork, false}, {congestion, "reno"}, {congestion, "no_such_one"},
                                    {congestion, lists:duplicate(300, $x)}, {congestion, [foo]}]] ++
    [{U, {ip, O}, V} || {O, V} <- [{tos, lowdelay}, {tos, throughput}, {tos, reliability}, {tos, mincost}, {tos, 4}, {tos, 184}, {tos, none},
                                   {ttl, 17}, {ttl, 300}, {mtu_discover, want}, {mtu_discover, dont}, {mtu_discover, do}, {mtu_discover, probe},
                                   {mtu_discover, 0}, {mtu_discover, 99}, {mtu_discover, x}, {multicast_ttl, 5}, {multicast_loop, false}, {recvttl, true},
                                   {recvtos, true}, {pktinfo, true}, {recverr, true}, {freebind, true}, {minttl, 3}, {multicast_all, false},
                                   {options, x}, {router_alert, 1}]] ++
    [{U6, {ipv6, O}, V} || {O, V} <- [{v6only, true}, {unicast_hops, 9}, {unicast_hops, default}, {unicast_hops, 256}, {multicast_hops, 3},
                                      {multicast_hops, default}, {multicast_if, 1}, {multicast_if, 77777}, {multicast_loop, false}, {recvpktinfo, true},
                                      {recvhoplimit, true}, {recvtclass, true}, {tclass, 16}, {mtu_discover, do}, {mtu, 1400}, {hopopts, true},
                                      {dstopts, true}, {rthdr, true}, {addrform, inet}, {addrform, x}, {recverr, true}, {authhdr, true},
                                      {flowinfo, true}]] ++
    [{U, {udp, cork}, true}, {U, {udp, cork}, false}].

native(T, U) ->
    p([socket:getopt_native(T, {socket, keepalive}, S) || S <- [integer, boolean, 4, 1, 3, 100, <<0:32>>, <<>>, -1, x, 1 bsl 40]]),
    p([socket:getopt_native(T, {tcp, nodelay}, S) || S <- [integer, boolean, 4]]),
    p([socket:getopt_native(T, {1, 9}, boolean), socket:getopt_native(T, {6, 1}, boolean), socket:getopt_native(T, {socket, 3}, integer),
       socket:getopt_native(T, {tcp, 77}, integer), socket:getopt_native(T, {77, 77}, integer)]),
    {ok, Info} = socket:getopt_native(T, {tcp, 11}, 8),
    p(byte_size(Info)),
    p([socket:setopt_native(T, {socket, keepalive}, V) || V <- [true, false, 1, <<1:32/native>>, <<1>>, <<>>, x, 1.0, 1 bsl 40]]),
    p(socket:getopt(T, {socket, keepalive})),
    p([socket:setopt_native(U, {0, 2}, 33), socket:getopt(U, {ip, ttl}), socket:setopt_native(U, {ip, 2}, 34), socket:getopt(U, {ip, ttl})]),
    p([catch_(fun() -> socket:getopt_native(T, O, integer) end) || O <- [{otp, rcvbuf}, {otp, 1}, {nothing, 1}, {x, y}, x, {1, 2, 3}, {1 bsl 40, 1}, {1, 1 bsl 40}]]),
    p([catch_(fun() -> socket:setopt_native(T, O, 1) end) || O <- [{otp, rcvbuf}, {otp, 1}, {nothing, 1}, {x, y}, x]]).

bad(T) ->
    p([catch_(fun() -> socket:getopt(T, O) end) || O <- [x, {x, y}, {socket, x}, {socket, 3}, {otp, x}, {tcp, info}, {1, 2}, {}, [], 17, {socket, type, 1}]]),
    p([catch_(fun() -> socket:setopt(T, O, true) end) || O <- [x, {x, y}, {socket, x}, {otp, x}, {tcp, info}, {1, 2}, {}]]),
    p([catch_(fun() -> F() end) || F <- [fun() -> socket:getopt(x, {socket, type}) end, fun() -> socket:setopt({'$socket', x}, {socket, type}, 1) end,
                                         fun() -> socket:getopt({'$socket', make_ref()}, {socket, type}) end]]).
