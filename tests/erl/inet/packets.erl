%% All forms of packets: whole, in pieces, several at once, too large, malformed; read on demand and as messages.
-module(packets).
-export([main/0]).

main() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127,0,0,1}}, {nodelay, true}]),
    {ok, Port} = inet:port(L),
    [both(L, Port, Packet, Bytes) || {Packet, Bytes} <- forms()],
    sent(L, Port),
    limits(L, Port),
    large(L, Port),
    changes(L, Port).

forms() ->
    [{raw, "any bytes"}, {0, "any bytes"},
     {1, [3, "abc", 0, 5, "defgh"]}, {2, [0, 3, "abc", 0, 0, 0, 1, "z"]}, {4, [0, 0, 0, 3, "abc", 0, 0, 0, 0, 0, 0, 0, 2, "xy"]},
     {line, "one\ntwo\r\n\nlast without an end"},
     {asn1, [16#30, 3, 1, 2, 3, 16#1f, 16#81, 5, 2, "ab", 16#30, 16#81, 1, 7]},
     {sunrm, [128, 0, 0, 3, "abc", 0, 0, 0, 1, "z"]},
     {fcgi, [1, 2, 0, 1, 0, 3, 2, 0, "abc", 0, 0, 1, 2, 0, 1, 0, 0, 0, 0]},
     {cdr, ["GIOP", 1, 0, 0, 0, 0, 0, 0, 2, "ab", "GIOP", 1, 0, 1, 0, 2, 0, 0, 0, "cd"]},
     {tpkt, [3, 0, 0, 7, "abc", 3, 0, 0, 4]},
     {ssl_tls, [22, 3, 1, 0, 3, "abc", 23, 3, 3, 0, 1, "z", 128, 12, 1, 3, 0, "123456789"]},
     {http, ["GET /index.html?a=b HTTP/1.1\r\nHost: here\r\nX-my-field: one\r\n two\r\nContent-Length: 3\r\n\r\n",
             "HTTP/1.0 404 Not Found\r\nServer: s\r\n\r\nOPTIONS * HTTP/1.1\r\n\r\nBREW http://pot:99/ HTTP/1.1\r\n\r\nnonsense\r\n"]},
     {http_bin, "POST http://host/path HTTP/1.0\r\nHost: x\r\nCookie: c\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"},
     {httph, "Host: x\r\nOther-field:y\r\n\r\nnonsense\r\n\r\n"},
     {httph_bin, "Host: x\r\nAccept: *\r\n\r\n"}].

both(L, Port, Packet, Bytes) ->
    Flat = iolist_to_binary(Bytes),
    %% At once, passive
    {C, S} = pair(L, Port, [{packet, Packet}]),
    ok = gen_tcp:send(S, Flat),
    gen_tcp:shutdown(S, write),
    io:format("~p passive ~p~n", [Packet, all(C)]),
    gen_tcp:close(S),
    %% Byte by byte, active
    {C2, S2} = pair(L, Port, [{packet, Packet}, {active, true}]),
    case Packet of
        raw -> ok = gen_tcp:send(S2, Flat);
        0 -> ok = gen_tcp:send(S2, Flat);
        _ -> [ok = gen_tcp:send(S2, <<B>>) || <<B>> <= Flat]
    end,
    gen_tcp:close(S2),
    io:format("~p active ~p~n", [Packet, messages(C2)]),
    %% All at once, active once and as lists
    {C3, S3} = pair(L, Port, [{packet, Packet}, {active, once}, list]),
    ok = gen_tcp:send(S3, Flat),
    gen_tcp:close(S3),
    io:format("~p once ~p~n", [Packet, messages(C3)]).

sent(L, Port) ->
    [begin
         {C, S} = pair(L, Port, [{packet, P}]),
         io:format("sent ~p ~p~n", [P, [gen_tcp:send(C, "abc"), gen_tcp:send(C, ["d", <<>>]), gen_tcp:send(C, ""), (fun() -> gen_tcp:close(C), all(S) end)()]])
     end || P <- [0, 1, 2, 4, line, http]].

limits(L, Port) ->
    [begin
         {C, S} = pair(L, Port, Options),
         ok = gen_tcp:send(S, Bytes),
         gen_tcp:shutdown(S, write),
         io:format("limit ~p ~p~n", [Options, all(C)]),
         gen_tcp:close(S),
         {C2, S2} = pair(L, Port, [{active, true} | Options]),
         ok = gen_tcp:send(S2, Bytes),
         timer:sleep(30),
         gen_tcp:close(S2),
         io:format("limit ~p ~p~n", [Options, messages(C2)])
     end || {Options, Bytes} <- [{[{packet, 2}, {packet_size, 3}], [0, 3, "abc", 0, 4, "abcd"]},
                                 {[{packet, 4}, {packet_size, 3}], [0, 0, 0, 4, "abcd"]},
                                 {[{packet, 4}], [127, 255, 255, 255, "abcd"]},
                                 {[{packet, 4}], [255, 255, 255, 255, "abcd"]},
                                 {[{packet, line}, {buffer, 8}], "short\nmuch longer than that\nx\n"},
                                 {[{packet, line}, {packet_size, 10}], "short\nmuch longer than that\nx\n"},
                                 {[{packet, line}, {line_delimiter, $;}], "a;b\n;c"},
                                 {[{packet, tpkt}], "no tpkt"},
                                 {[{packet, cdr}], "no cdr, nothing like it"},
                                 {[{packet, fcgi}], "no fcgi at all"},
                                 {[{packet, http}, {buffer, 20}], "GET /a/rather/long/line HTTP/1.0\r\n\r\n"}]].

%% Larger than any buffer.
large(L, Port) ->
    {C, S} = pair(L, Port, [{packet, 4}]),
    ok = inet:setopts(S, [{packet, 4}]),
    Sizes = [0, 1, 63, 64, 65, 1000, 1455, 1456, 1457, 3000, 70000, 1000000, 5],
    spawn_link(fun() -> [ok = gen_tcp:send(S, binary:copy(<<"x">>, N)) || N <- Sizes], receive after infinity -> ok end end),
    io:format("~p~n", [[begin {ok, B} = gen_tcp:recv(C, 0), byte_size(B) =:= N andalso B =:= binary:copy(<<"x">>, N) end || N <- Sizes]]),
    spawn_link(fun() -> [ok = gen_tcp:send(S, binary:copy(<<"y">>, N)) || N <- Sizes], receive after infinity -> ok end end),
    ok = inet:setopts(C, [{active, true}]),
    io:format("~p~n", [[receive {tcp, C, B} -> byte_size(B) =:= N andalso B =:= binary:copy(<<"y">>, N) end || N <- Sizes]]).

changes(L, Port) ->
    {C, S} = pair(L, Port, [{packet, http}]),
    ok = gen_tcp:send(S, "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello12345\nmore\n"),
    io:format("~p~n", [[gen_tcp:recv(C, 0), gen_tcp:recv(C, 0), gen_tcp:recv(C, 0), inet:setopts(C, [{packet, raw}]), gen_tcp:recv(C, 5),
                        inet:setopts(C, [{packet, line}]), gen_tcp:recv(C, 0), gen_tcp:recv(C, 1), gen_tcp:recv(C, 0),
                        inet:getopts(C, [packet, packet_size, mode, header, deliver])]]).

all(C) ->
    case gen_tcp:recv(C, 0, 2000) of
        {ok, {ssl_tls, C, Type, Version, D}} -> [{ssl_tls, Type, Version, D} | all(C)];
        {ok, D} -> [D | all(C)];
        Error -> [Error]
    end.

messages(C) ->
    receive
        {tcp_closed, C} -> [closed];
        M when element(2, M) =:= C ->
            case inet:getopts(C, [active]) of
                {ok, [{active, false}]} -> inet:setopts(C, [{active, once}]);
                _ -> ok
            end,
            [setelement(2, M, s) | [case T of {_, C, _, _, _} -> setelement(2, T, s); _ -> T end || T <- messages(C)]]
    after 2000 -> [nothing]
    end.

pair(L, Port, Options) ->
    {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}, {nodelay, true}]),
    {ok, S} = gen_tcp:accept(L),
    ok = inet:setopts(C, Options),
    {C, S}.
