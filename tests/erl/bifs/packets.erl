%% erlang:decode_packet/3: every type, whole, cut and damaged; options; the lines of HTTP.
-module(packets).
-export([main/0]).

main() ->
    [t(Type, Bytes, Options) || Type <- [raw, 0, 1, 2, 4, line],
        Bytes <- [<<>>, <<1>>, <<0, 0, 0, 3, 1, 2, 3, 4>>, <<"ab\ncd">>, <<3, "abcd">>, <<255, 255, 255, 255, 1, 2>>],
        Options <- [[], [{packet_size, 2}], [{line_length, 1}]]],
    lines(),
    sizes(),
    bodies(),
    http(),
    http_names(),
    http_limits(),
    options(),
    parts().

t(Type, Bytes, Options) ->
    Outcome = try erlang:decode_packet(Type, Bytes, Options)
              catch
                  Class:Reason:Stack ->
                      [{erlang, decode_packet, _, [{error_info, Info}]} | _] = Stack,
                      {Class, Reason, maps:get(cause, Info, none)}
              end,
    io:format("~0p ~0p ~0p~n    ~0p~n", [Type, Bytes, Options, Outcome]).

lines() ->
    [t(line, Bytes, Options) || Bytes <- [<<"abcdef\ng">>, <<"abc">>, <<"\n">>, <<"a;b;">>],
        Options <- [[{line_length, 3}], [{line_delimiter, $;}], [{line_delimiter, x}], [{packet_size, 3}], [{line_length, 0}]]],
    [t(line, <<"abc\n">>, Options) || Options <- [
        [{packet_size,2},{line_length,1}], [{packet_size,3},{line_length,3}], [{packet_size,4},{line_length,3}],
        [{packet_size,3},{line_length,2}], [{line_length,4},{packet_size,4}], [{line_length,3},{line_length,0}]]].

sizes() ->
    [t(Type, Bytes, Options) || {Type, Bytes} <- [
        {asn1,<<48,3,1,2,3,9>>}, {asn1,<<48,129,3,1,2,3,9>>}, {asn1,<<48,128,3>>}, {asn1,<<31,129,1,1,5,6>>},
        {asn1,<<48>>}, {asn1,<<48,133,1,1,1,1,1>>}, {asn1,<<48,132,255,255,255,255,1>>}, {asn1,<<>>},
        {cdr,<<"GIOP",1,0,0,0,0,0,0,2,7,8,9>>}, {cdr,<<"GIOP",1,0,1,0,2,0,0,0,7,8,9>>},
        {cdr,<<"XXXX",1,0,1,0,2,0,0,0,7,8,9>>}, {cdr,<<"GIO">>}, {sunrm,<<128,0,0,2,1,2,3>>},
        {sunrm,<<0,0,0,2,1,2,3>>}, {sunrm,<<1>>}, {fcgi,<<1,2,0,0,0,2,1,0,8,9,10,11>>},
        {fcgi,<<2,2,0,0,0,2,1,0,8,9,10,11>>}, {fcgi,<<1,2,0>>}, {tpkt,<<3,0,0,7,1,2,3,4>>},
        {tpkt,<<3,0,0,3,1,2,3,4>>}, {tpkt,<<4,0,0,7,1,2,3,4>>}, {tpkt,<<3,1,0,7,1,2,3,4>>}, {tpkt,<<3>>},
        {ssl_tls,<<22,3,1,0,2,8,9,10>>}, {ssl_tls,<<128,4,1,3,1,9,8,7>>}, {ssl_tls,<<22,3>>},
        {ssl_tls,<<21,3,3,0,1,0>>}, {ssl_tls,<<99,3,3,0,1,0,1>>}, {ssl_tls,<<22,2,3,0,1,0,1>>},
        {ssl_tls,<<22,3,1,255,255,0,1>>}, {ssl_tls,<<22,3,1,72,1,0,1>>}],
        Options <- [[], [{packet_size, 5}]]],
    [t(4, <<N:32, 1>>, Options) || N <- [16#7fffffff, 16#7ffffffb, 16#7ffffffc, 16#80000000, 16#fffffffb, 16#fffffffc],
        Options <- [[], [{packet_size, 16#ffffffff}], [{packet_size, 16#7fffffff}]]].

bodies() ->
    [t(asn1, Bytes, []) || Bytes <- [
        <<48,129>>, <<48,130,1>>, <<48,130,1,1>>, <<48,132,0,0,0,1>>, <<48,132,127,255,255,255>>, <<31>>, <<31,129>>,
        <<31,129,129>>, <<31,1>>, <<48,0>>, <<48,0,1>>, <<48,133>>, <<48,255>>, <<48,10,1>>]],
    [t(cdr, Bytes, []) || Bytes <- [
        <<"GIOP",1,2,0,0>>, <<"XIO">>, <<"GIOP",1,2,0,0,0,0,0,7>>, <<"GIOP",1,2,1,0,255,255,255,255,1>>,
        <<"GIOP",1,2,2,0,0,0,0,1,1,1>>]],
    [t(sunrm, Bytes, []) || Bytes <- [
        <<255,255,255,255,1>>, <<127,255,255,255,1>>, <<128,0,0,0,1>>]],
    [t(fcgi, Bytes, Options) || Bytes <- [
        <<1,2,0,0,255,255,255,0>>, <<1>>, <<9>>, <<1,2,0,0,0,1,2,0,1,2,3,4>>], Options <- [[], [{packet_size, 2}]]],
    [t(ssl_tls, Bytes, []) || Bytes <- [
        <<22>>, <<128>>, <<22,3,1,0,0>>, <<22,3,1,0,0,1>>, <<128,3,1,3,0,5>>, <<128,3,2,3,0,5>>, <<192,3,1,3,0,5>>,
        <<64,3,1,3,0,5>>, <<128,2,1,3,0,5>>, <<128,1,1,3,0,5>>, <<0,3,1,3,0,5>>, <<128,4,1>>, <<128,4,1,3>>,
        <<128,20,1,3,1,0,1,2>>, <<20,3,4,0,1,7>>, <<128,4,1,2,9,8,7>>, <<22,9,9,0,1,1>>]].

http() ->
    [t(Type, Bytes, []) || Type <- [http, http_bin, httph, httph_bin], Bytes <- [
        <<>>, <<"GET / HTTP/1.1\r\n">>, <<"GET / HTTP/1.1\r\nH">>, <<"GET /x y HTTP/1.1\r\n\r\n">>,
        <<"PATCH * HTTP/1.0\n\n">>, <<"FOO http://a.b:80/c?d HTTP/1.1\r\n\r\n">>,
        <<"GET HTTP://a.b HTTP/1.1\r\n\r\n">>, <<"GET https://a.b/ HTTP/1.1\r\n\r\n">>,
        <<"GET ftp:xyz HTTP/1.1\r\n\r\n">>, <<"GET foo HTTP/1.1\r\n\r\n">>, <<"GET /\r\n\r\n">>,
        <<"GET / HTTP/x.1\r\n\r\n">>, <<"GET  /  HTTP/1.1 \r\n\r\n">>, <<"HTTP/1.1 200 OK\r\n\r\n">>,
        <<"HTTP/1.1 200\r\n\r\n">>, <<"HTTP/1.1 200 Not all well \r\n\r\n">>, <<"HTTP/1.1 x OK\r\n\r\n">>,
        <<"HTTP/9.12 404 X\n\n">>, <<"\r\n">>, <<"\n">>, <<"\r\nxxx">>, <<"Host: a.b\r\n\r\n">>,
        <<"host:a.b  \r\nX">>, <<"HOST : a\r\n\r\n">>, <<"X-Foo-bar: 1\r\n  2\r\n\r\n">>, <<"x-foo-BAR: 1\r\n\r\n">>,
        <<"Foo\r\n\r\n">>, <<":x\r\n\r\n">>, <<"Content-Length: 12\r\nA">>, <<"content-length:\r\n\r\n">>,
        <<"Cookie: a=b\r\n">>, <<"a b: c\r\n\r\n">>, <<"garbage\r\n\r\n">>, <<"GET / HTTP/1.1">>,
        <<"OPTIONS * HTTP/1.1\r\n\r\n">>, <<"GET http://a.b:x/ HTTP/1.1\r\n\r\n">>,
        <<"GET http://a:80 HTTP/1.1\r\n\r\n">>, <<"GET http:// HTTP/1.1\r\n\r\n">>, <<" GET / HTTP/1.1\r\n\r\n">>,
        <<"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-b: c\r\n\r\n">>,
        <<"accept: t\t x\r\n\tfoo\r\n\r\n">>, <<"Sec-WebSocket-Key: 1\r\n\r\n">>, <<"GET /%C3%A5 HTTP/1.1\r\n\r\n">>,
        <<"HTTP/1.1 99999999999 X\r\n\r\n">>, <<"HTTP/1.1 -1 X\r\n\r\n">>]],
    [t(http, <<Line/binary, "\r\n">>, []) || Line <- [
        <<"GET">>, <<"GET ">>, <<"GET  ">>, <<"GET /">>, <<"GET / ">>, <<"GET / HTTP">>, <<"GET / HTTP/">>,
        <<"GET / HTTP/1">>, <<"GET / HTTP/1.">>, <<"GET / HTTP/1.1x">>, <<"GET / HTTP/1.1 x">>, <<"GET / http/1.1">>,
        <<"GET\t/ HTTP/1.1">>, <<"GET /\tHTTP/1.1">>, <<"get / HTTP/1.1">>, <<"G(T / HTTP/1.1">>,
        <<"TRACE x:y HTTP/1.1">>, <<"GET a/b:c HTTP/1.1">>, <<"GET http:foo HTTP/1.1">>,
        <<"GET http:/foo HTTP/1.1">>, <<"GET http://a:/ HTTP/1.1">>, <<"GET http://a:80x/y HTTP/1.1">>,
        <<"GET http://a:99999999/y HTTP/1.1">>, <<"GET http://u:p@a:8/y HTTP/1.1">>,
        <<"GET http://[::1]:8/y HTTP/1.1">>, <<"GET http://a?x HTTP/1.1">>, <<"GET *x HTTP/1.1">>, <<"HTTP/1.1">>,
        <<"HTTP/1.1 ">>, <<"HTTP/1.1  200  OK">>, <<"HTTP/1.1 200OK">>, <<"HTTP/1.1\t200 OK">>,
        <<"HTTP/1.1 200\tOK">>, <<"HTTP/11 200">>, <<"HTTP/1.1 4000000000 X">>,
        <<"HTTP/99999999999.4000000000 200 X">>, <<"http/1.1 200 X">>, <<"HTTP/ 200 X">>, <<"HTTP 200 X">>,
        <<"HTTPX /x HTTP/1.1">>, <<"CONNECT a.b:443 HTTP/1.1">>, <<"A",0,"B / HTTP/1.1">>, <<"">>, <<"\r">>,
        <<"a\rb / HTTP/1.1">>, <<"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.1">>,
        <<"GET :y HTTP/1.1">>, <<"GET /a\tb HTTP/1.1">>]],
    [t(httph, Bytes, []) || Bytes <- [
        <<"A:b">>, <<"A:b\n">>, <<"A:b\nc">>, <<"A:b\n c">>, <<"A:b\n c\nd">>, <<"A: \t b\t \n\n">>, <<"A:\n\n">>,
        <<"A:\r\n \r\nx">>, <<"\r">>, <<"\rx\n">>, <<" A: b\r\n\r\n">>, <<"A:b\r\r\n\r\n">>]].

http_names() ->
    [t(httph, <<(list_to_binary(Name))/binary, ": x\r\n\r\n">>, []) || Name <- [
        "Cache-Control", "Connection", "Date", "Pragma", "Transfer-Encoding", "Upgrade", "Via", "Accept",
        "Accept-Charset", "Accept-Encoding", "Accept-Language", "Authorization", "From", "Host", "If-Modified-Since",
        "If-Match", "If-None-Match", "If-Range", "If-Unmodified-Since", "Max-Forwards", "Proxy-Authorization",
        "Range", "Referer", "User-Agent", "Age", "Location", "Proxy-Authenticate", "Public", "Retry-After", "Server",
        "Vary", "Warning", "Www-Authenticate", "Allow", "Content-Base", "Content-Encoding", "Content-Language",
        "Content-Length", "Content-Location", "Content-Md5", "Content-Range", "Content-Type", "Etag", "Expires",
        "Last-Modified", "Accept-Ranges", "Set-Cookie", "Set-Cookie2", "X-Forwarded-For", "Cookie", "Keep-Alive",
        "Proxy-Connection", "Trailer", "Te", "Expect", "Origin", "Content-Disposition", "Link",
        "Upgrade-Insecure-Requests", "Dnt", "Sec-Fetch-Mode"]],
    [t(httph, <<Name/binary, ": x\r\n\r\n">>, []) || Name <- [
        <<"aB-cD--eF-">>, <<"a_b-1c">>, <<"-a">>, <<"ACCEPT">>, <<"etag">>, <<"WWW-authenticate">>,
        <<"Content-MD5">>, <<"X-\345\346">>, <<"X.foo~bar">>]],
    [t(httph, <<(binary:copy(<<"a">>, N))/binary, ": x\r\n\r\n">>, []) || N <- [49, 50, 51, 100]],
    io:format("~w~n", [[C || C <- lists:seq(0, 255), {ok, {http_header, _, _, _, _}, _} <- [erlang:decode_packet(httph, <<"a", C, "b: x\r\n\r\n">>, [])]]]),
    io:format("~w~n", [[C || C <- lists:seq(0, 255), {ok, {http_request, _, _, _}, _} <- [erlang:decode_packet(http, <<"A", C, "B / HTTP/1.1\r\n\r\n">>, [])]]]),
    io:format("~w~n", [[C || C <- lists:seq(0, 255), {ok, {http_request, _, _, _}, _} <- [erlang:decode_packet(http, <<"A /a", C, "b HTTP/1.1\r\n\r\n">>, [])]]]).

http_limits() ->
    [t(Type, Bytes, [Option]) || Type <- [http, httph], Bytes <- [<<"a: b\nc">>, <<"a: b\n c">>, <<"a: b">>, <<"A / HTTP/1.1\nq">>],
        Option <- [{Key, N} || Key <- [packet_size, line_length], N <- [3, 4, 5, 6, 7, 8]]],
    [t(http, Bytes, [Option]) || Bytes <- [<<"GET / HTTP/1.1\r\n\r\n">>, <<"GET /aaaaaaaaaa">>], Option <- [{packet_size, 5}, {line_length, 5}]].

options() ->
    [t(Type, <<"1\n">>, [Option]) || Type <- [raw, line, http, 4], Option <- [
        {line_delimiter, 97}, {line_delimiter, 0}, {line_delimiter, 255}, {line_delimiter, 256}, {line_delimiter, -1}, {line_delimiter, "a"},
        {line_length, 2}, {packet_size, 1}, {packet_size, 2}, {line_length, 1}, {line_length, a}, {packet_size, -1},
        {packet_size, 16#ffffffff}, {packet_size, 16#100000000}, {packet_size, 1 bsl 70}, {foo, 1}, foo, {packet_size}]],
    [t(Type, Bytes, Options) || {Type, Bytes, Options} <- [{foo, a, []}, {3, a, []}, {raw, a, []}, {raw, a, x}, {raw, "abc", []}, {<<>>, <<>>, []},
        {-1, <<>>, []}, {1 bsl 70, <<>>, []}, {raw, <<1>>, x}, {1, <<2, 3>>, []}, {2, <<0, 0>>, []}, {2, <<0, 1, 5>>, [{packet_size, 1}]},
        {2, <<0, 1, 5>>, [{packet_size, 0}]}, {4, <<0, 0, 0, 1>>, [{packet_size, 0}]}]].

%% Bytes that do not begin, or end, where a byte of memory does.
parts() ->
    <<_:3, Line/bits>> = <<3:3, "abc\ndef", 2:2>>,
    <<_:3, Header/bits>> = <<3:3, "Host: some.where\r\nx", 2:2>>,
    <<_:3, Tls/bits>> = <<3:3, 22, 3, 1, 0, 2, 8, 9, 10>>,
    t(line, Line, []), t(httph_bin, Header, []), t(httph, Header, []), t(ssl_tls, Tls, []),
    t(raw, <<1:3>>, []), t(raw, <<1:9>>, []), t(1, <<1, 5:4>>, []), t(1, <<1, 5, 5:4>>, []), t(line, <<1:3, "a\nb">>, []), t(line, <<"a\nb", 1:3>>, []),
    Long = binary:copy(<<"a">>, 300),
    {ok, Found, Rest} = erlang:decode_packet(line, <<Long/binary, "\n", Long/binary>>, []),
    io:format("~p ~p~n", [byte_size(Found), byte_size(Rest)]),
    {ok, {http_header, 0, _, Field, Value}, <<"x">>} = erlang:decode_packet(httph_bin, <<Long/binary, ":", Long/binary, "\r\nx">>, []),
    io:format("~p~n", [[Field =:= Long, Value =:= Long]]),
    {error, invalid} = erlang:decode_packet(4, <<255, 255, 255, 255, Long/binary>>, []).
