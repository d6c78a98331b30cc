%% setopts and getopts: every option that Linux has, wrong values, options of other kinds of sockets; getstat, what inet:i/0 asks.
-module(options).
-export([main/0]).

main() ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127,0,0,1}}]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [{active, false}]),
    {ok, S} = gen_tcp:accept(L),
    {ok, U} = gen_udp:open(0, [{active, false}, {ip, {127,0,0,1}}]),
    Names = [active, bit8, broadcast, buffer, delay_send, deliver, dontroute, exit_on_close, header, high_msgq_watermark, high_watermark,
             keepalive, line_delimiter, linger, low_msgq_watermark, low_watermark, mode, multicast_loop, multicast_ttl, nodelay, nopush, packet,
             packet_size, priority, read_packets, reuseaddr, send_timeout, send_timeout_close, show_econnreset, tos, tclass, ttl, recvtos,
             recvtclass, recvttl, netns, bind_to_device, ipv6_v6only, no_such],
    [[io:format("~p ~p ~p~n", [Kind, N, case N of line_delimiter -> skip; _ -> inet:getopts(X, [N]) end]) || N <- Names] || {Kind, X} <- [{tcp, C}, {listen, L}, {udp, U}]],
    [io:format("~p ~p~n", [O, [set(X, O) || X <- [C, U]]])
     || O <- [{buffer, 3000}, {buffer, 0}, {delay_send, true}, {deliver, port}, {deliver, term}, {dontroute, true}, {dontroute, false}, {exit_on_close, false},
              {header, 4}, {header, 0}, {high_watermark, 100}, {low_watermark, 200}, {high_watermark, 10}, {low_watermark, -1}, {high_msgq_watermark, 100},
              {low_msgq_watermark, 200}, {high_msgq_watermark, 0}, {keepalive, true}, {linger, {true, 3}}, {linger, {false, 0}}, {mode, binary}, {mode, list},
              {nodelay, true}, {nopush, true}, {nopush, false}, {packet, 4}, {packet, 3}, {packet, 0}, {packet_size, 77}, {priority, 3}, {tos, 16}, {priority, 5}, {priority, 99},
              {read_packets, 9}, {read_packets, 0}, {send_timeout, 100}, {send_timeout, infinity}, {send_timeout_close, true}, {show_econnreset, true}, {ttl, 7}, {ttl, 1000},
              {recvtos, true}, {recvttl, true}, {multicast_ttl, 3}, {multicast_loop, false}, {active, foo}, {mode, 1}, {reuseaddr, 5}, {broadcast, true}]],
    [io:format("~p ~p~n", [N, [set(X, {netns, N}) || X <- [C, U]]]) || N <- ["", "/proc/self/ns/net", "/no/such", ""]],
    io:format("~p~n", [[inet:setopts(C, O) || O <- [[binary], [list], [foo], [{raw, 6, 1, <<1:32/native>>}], [{raw, 6, 1, <<>>}], [{raw, x, 1, <<>>}], []]]]),
    io:format("~p~n", [[inet:getopts(C, O) || O <- [[{raw, 6, 1, 4}], [{raw, 6, 1, <<0:32>>}], [{raw, 6, 9999, 4}], [{raw, 6, 1}], [], [nodelay, {raw, 6, 1, 4}, mode]]]]),
    %% recbuf and sndbuf are what the system makes of them; a larger recbuf makes buffer larger, too
    [begin
         ok = inet:setopts(X, [{recbuf, 50000}, {sndbuf, 60000}]),
         {ok, [{recbuf, R}, {sndbuf, N}]} = inet:getopts(X, [recbuf, sndbuf]),
         io:format("~p~n", [{R >= 50000, N >= 60000}])
     end || X <- [C, U]],
    {ok, C2} = gen_tcp:connect({127,0,0,1}, Port, [{active, false}, {recbuf, 20000}]),
    {ok, _} = gen_tcp:accept(L),
    {ok, U2} = gen_udp:open(0, [{recbuf, 300000}]),
    io:format("~p~n", [[inet:getopts(C2, [buffer]), inet:getopts(U2, [buffer])]]),
    %% Groups
    io:format("groups ~p~n", [[inet:setopts(U, [{add_membership, {{224,0,0,251}, {0,0,0,0}}}]), inet:setopts(U, [{drop_membership, {{224,0,0,251}, any}}]),
                               inet:setopts(U, [{add_membership, {{224,0,0,251}, {0,0,0,0}, 0}}]), inet:setopts(U, [{add_membership, foo}]),
                               inet:setopts(C, [{add_membership, {{224,0,0,251}, {0,0,0,0}}}])]]),
    %% What accept hands on
    ok = inet:setopts(L, [binary, {packet, 2}, {nodelay, true}, {keepalive, true}, {send_timeout, 55}, {high_watermark, 999}, {linger, {true, 2}}, {priority, 2},
                          {exit_on_close, false}, {header, 1}, {packet_size, 9}, {buffer, 77}, {delay_send, true}]),
    {ok, C3} = gen_tcp:connect({127,0,0,1}, Port, []),
    {ok, S3} = gen_tcp:accept(L),
    io:format("~p~n", [inet:getopts(S3, [mode, packet, nodelay, keepalive, send_timeout, high_watermark, linger, priority, exit_on_close, header, packet_size, buffer, delay_send, active])]),
    gen_tcp:close(C3),
    %% Statistics
    [ok = gen_tcp:send(S, X) || X <- ["1", "22", "333333"]],
    {ok, _} = gen_tcp:recv(C, 9),
    io:format("~p~n", [[inet:getstat(S), inet:getstat(C, [recv_oct, recv_cnt, recv_max, recv_avg, recv_dvi])]]),
    io:format("~p~n", [[prim_inet:gettype(C), prim_inet:gettype(U), prim_inet:getstatus(C), prim_inet:getstatus(L), prim_inet:getstatus(U)]]),
    Me = self(),
    spawn(fun() -> Me ! {accepted, gen_tcp:accept(L, 1500)} end),
    timer:sleep(200),
    io:format("~p~n", [prim_inet:getstatus(L)]),
    spawn(fun() -> Me ! {accepted, gen_tcp:accept(L, 1500)} end),
    timer:sleep(200),
    io:format("~p~n", [prim_inet:getstatus(L)]),
    io:format("~p~n", [[receive {accepted, X} -> X end || _ <- [1, 2]]]),
    io:format("~p~n", [prim_inet:getstatus(L)]),
    %% Names that are not true
    io:format("~p~n", [[inet:setpeername(C, {{1,2,3,4}, 5}), inet:peername(C), inet:setpeername(C, undefined), inet:peername(C) =:= {ok, {{127,0,0,1}, Port}},
                        inet:setsockname(C, {{5,6,7,8}, 9}), inet:sockname(C), inet:setsockname(C, undefined), inet:peername(L), inet:peername(U)]]),
    io:format("~p~n", [[length(element(2, inet:peernames(C))), inet:socknames(L) =:= {ok, [{{127,0,0,1}, Port}]}]]),
    io:format("~p~n", [[inet:getservbyname(http, tcp), inet:getservbyname(domain, udp), inet:getservbyname(no_such, tcp), inet:getservbyport(80, tcp),
                        inet:getservbyport(1, foo)]]),
    {ok, Host} = inet:gethostname(),
    io:format("~p~n", [Host =:= string:trim(os:cmd("hostname -s")) orelse Host =:= string:trim(os:cmd("hostname"))]),
    {ok, If} = inet:getifaddrs(),
    {"lo", Lo} = lists:keyfind("lo", 1, If),
    io:format("~p~n", [Lo]),
    io:format("~p~n", [[inet:ifget("lo", [addr, netmask, mtu, flags, hwaddr]), inet:ifget("nothing", [addr, mtu]) , inet:ifset("lo", [])]]),
    {ok, List} = inet:getiflist(),
    io:format("~p~n", [lists:member("lo", List)]),
    {ok, Fd} = prim_inet:getfd(C),
    io:format("~p~n", [[is_integer(Fd), erlang:port_info(C, name), erlang:port_info(U, name)]]).

set(S, {N, _} = O) ->
    Result = inet:setopts(S, [O]),
    {Result, case N of line_delimiter -> skip; _ -> catch inet:getopts(S, [N]) end}.
