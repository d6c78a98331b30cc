# Debian's libraries of native functions and linked-in drivers, each used as a program would.
export ERL_LIBS=$PACKAGES/usr/lib/erlang/lib
export SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 3650 -subj /CN=example.org 2> /dev/null
cat cert.pem key.pem > both.pem
# The linker name is in a package of its own.
ln -s "$PACKAGES"/usr/lib/x86_64-linux-gnu/libOpenCL.so.1 libOpenCL.so
export LD_LIBRARY_PATH=$PWD:$LD_LIBRARY_PATH
cat > t.erl <<'END'
-module(t).

-compile(export_all).

-include_lib("p1_xml/include/fxml.hrl").

main() ->
    [begin io:format("== ~p~n", [F]), try (?MODULE):F() catch C:R:S -> io:format("~p ~p ~P~n", [C, R, S, 30]) end end
     || F <- [tls_, sha_, zlib_, sqlite_, cache_, jid_, xmpp_, sip_, stun_, mqtree_, iconv_, stringprep_, xml_, yaml_, eimp_, sdl_, cl_, megaco_, bitcask_]].

p(T, X) -> io:format("~p: ~0tp~n", [T, X]).

%% A connection to ourselves: {the end that connects, the end that accepts}.
pair() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}]),
    {ok, S} = gen_tcp:accept(L),
    gen_tcp:close(L),
    {C, S}.

%% What another process answers to Fun.
other(Fun) ->
    Self = self(),
    Tag = make_ref(),
    Pid = spawn(fun() -> receive go -> Self ! {Tag, catch Fun()} end end),
    {Pid, fun() -> receive {Tag, R} -> R after 20000 -> nothing end end}.

tls_() ->
    {ok, _} = application:ensure_all_started(fast_tls),
    {C, S} = pair(),
    {Pid, Answer} = other(fun() ->
        {ok, T} = fast_tls:tcp_to_tls(S, [{certfile, "both.pem"}, verify_none]),
        Loop = fun Loop(Got) when byte_size(Got) >= 300005 -> Got;
                   Loop(Got) -> case fast_tls:recv(T, 0, 5000) of {ok, B} -> Loop(<<Got/binary, B/binary>>); E -> {E, byte_size(Got)} end end,
        Got = Loop(<<>>),
        ok = fast_tls:send(T, [<<"back: ">>, integer_to_binary(byte_size(Got))]),
        R = {erlang:md5(Got), fast_tls:get_verify_result(T), fast_tls:get_peer_certificate(T, plain)},
        timer:sleep(300),
        fast_tls:close(T),
        R
    end),
    gen_tcp:controlling_process(S, Pid),
    Pid ! go,
    {ok, T} = fast_tls:tcp_to_tls(C, [connect, verify_none, {sni, <<"example.org">>}]),
    Long = binary:copy(<<"0123456789">>, 30000),
    p(send, [fast_tls:send(T, <<"hello">>), fast_tls:send(T, Long)]),
    p(recv, fast_tls:recv(T, 0, 5000)),
    {ok, Cert} = fast_tls:get_peer_certificate(T),
    p(cert, {element(1, Cert), fast_tls:get_verify_result(T), fast_tls:get_cert_verify_string(fast_tls:get_verify_result(T), Cert)}),
    p(cipher, fast_tls:get_negotiated_cipher(T)),
    p(other, Answer()),
    p(closed, [element(1, fast_tls:recv(T, 0, 1000)), fast_tls:close(T), fast_tls:clear_cache(), fast_tls:get_fips_mode()]),
    % what is no TLS
    {C2, S2} = pair(),
    {ok, B} = fast_tls:tcp_to_tls(S2, [{certfile, "both.pem"}, verify_none]),
    ok = gen_tcp:send(C2, "GET / HTTP/1.0\r\n\r\n"),
    p(bad, [fast_tls:recv(B, 0, 1000), catch fast_tls:tcp_to_tls(S2, []), fast_tls:tcp_to_tls(S2, [{certfile, "nosuch.pem"}])]).

sha_() ->
    Long = binary:copy(<<"a">>, 100000),
    p(sha, [[F, p1_sha:to_hexlist(p1_sha:F(B))] || F <- [sha1, sha224, sha256, sha384, sha512], B <- [<<>>, <<"abc">>, Long]]),
    p(sha, [p1_sha:sha("abc"), catch p1_sha:sha256(a)]).

zlib_() ->
    {ok, _} = application:ensure_all_started(ezlib),
    Long = iolist_to_binary([integer_to_binary(I * I) || I <- lists:seq(1, 20000)]),
    A = ezlib:new(),
    B = ezlib:new(),
    Blocks = [element(2, ezlib:compress(A, X)) || X <- [<<"hello">>, Long, <<"hello">>]],
    p(sizes, [byte_size(X) || X <- Blocks]),
    p(back, [case ezlib:decompress(B, X) of {ok, Y} -> {byte_size(Y), erlang:md5(Y)}; E -> E end || X <- Blocks]),
    p(bad, [ezlib:decompress(ezlib:new(), <<"no zlib at all">>), catch ezlib:compress(A, <<>>), catch ezlib:compress(A, a), catch ezlib:compress(make_ref(), <<1>>)]),
    {C, S} = pair(),
    {ok, Zc} = ezlib:enable_zlib(gen_tcp, C),
    {ok, Zs} = ezlib:enable_zlib(gen_tcp, S),
    p(send, [ezlib:send(Zc, [<<"over ">>, "a socket"]), ezlib:recv(Zs, 0, 2000), ezlib:send(Zs, Long)]),
    Loop = fun Loop(Got) when byte_size(Got) >= byte_size(Long) -> Got;
               Loop(Got) -> {ok, X} = ezlib:recv(Zc, 0, 2000), Loop(<<Got/binary, X/binary>>) end,
    p(got, Loop(<<>>) =:= Long),
    p(closed, [ezlib:get_sockmod(Zc), ezlib:close(Zs), ezlib:recv(Zc, 0, 2000)]).

sqlite_() ->
    {ok, _} = sqlite3:open(db, [in_memory]),
    p(create, sqlite3:create_table(db, people, [{id, integer, [{primary_key, [asc, autoincrement]}]}, {name, text, [not_null]}, {size, double}, {picture, blob}])),
    p(write, [sqlite3:write(db, people, [{name, "Jöe"}, {size, 1.5}, {picture, {blob, <<0, 1, 255>>}}]), sqlite3:write(db, people, [{name, <<"ann">>}, {size, null}]),
              length(sqlite3:write_many(db, people, [[{name, integer_to_list(I)}, {size, I}] || I <- lists:seq(1, 500)]))]),
    p(bad, [sqlite3:write(db, people, [{size, 1}]), sqlite3:sql_exec(db, "select nonsense")]),
    p(read, [sqlite3:read(db, people, {name, "ann"}), sqlite3:read(db, people, {id, 1}), sqlite3:sql_exec(db, "select count(*), sum(size) from people where id > ?", [2])]),
    {ok, Ref} = sqlite3:prepare(db, "select id, name from people where size between ? and ? order by id desc"),
    p(prepared, [sqlite3:columns(db, Ref), sqlite3:bind(db, Ref, [7, 9]), sqlite3:next(db, Ref), sqlite3:next(db, Ref), sqlite3:reset(db, Ref), sqlite3:next(db, Ref),
                 sqlite3:next(db, Ref), sqlite3:next(db, Ref), sqlite3:next(db, Ref), sqlite3:finalize(db, Ref)]),
    p(change, [sqlite3:update(db, people, {id, 5}, [{name, "five"}]), sqlite3:changes(db), sqlite3:delete(db, people, {size, 400}), sqlite3:table_info(db, people), sqlite3:list_tables(db)]),
    p(many, sqlite3:sql_exec_script(db, "create table t (a); insert into t values (9223372036854775807); insert into t values (x'00ff'); select * from t;")),
    p(closed, [sqlite3:drop_table(db, people), sqlite3:vacuum(db), sqlite3:close(db)]),
    {ok, _} = sqlite3:open(file, [{file, "people.db"}]),
    p(file, [sqlite3:sql_exec(file, "create table x (y)"), sqlite3:write(file, x, [{y, "kept"}]), sqlite3:close(file), filelib:is_regular("people.db")]),
    {ok, _} = sqlite3:open(again, [{file, "people.db"}]),
    p(again, [sqlite3:read_all(again, x), sqlite3:close(again)]).

cache_() ->
    {ok, _} = application:ensure_all_started(p1_utils),
    {ok, _} = application:ensure_all_started(cache_tab),
    p(new, ets_cache:new(c, [{max_size, 50}, {life_time, infinity}, {cache_missed, false}])),
    p(in, [ets_cache:insert(c, K, K * K) || K <- lists:seq(1, 20)]),
    p(lookup, [ets_cache:lookup(c, 4), ets_cache:lookup(c, 99), ets_cache:lookup(c, 99, fun() -> {ok, made} end), ets_cache:lookup(c, 98, fun() -> error end), ets_cache:lookup(c, 99)]),
    p(update, [ets_cache:update(c, 4, new, fun() -> ok end), ets_cache:lookup(c, 4), ets_cache:delete(c, 4), ets_cache:lookup(c, 4)]),
    p(info, [proplists:get_value(K, ets_cache:info(c)) || K <- [hits, miss, size, max_size]]),
    {ok, N} = ets_cache:new_counter_nif(),
    p(counter, [catch ets_cache:F(N) || F <- [get_counter_nif, incr_counter_nif, incr_counter_nif, get_counter_nif, delete_counter_nif, get_counter_nif]]),
    p(gone, ets_cache:delete(c)).

jid_() ->
    {ok, _} = application:ensure_all_started(xmpp),
    [p(J, catch begin D = jid:decode(J), {D, jid:encode(D)} end)
     || J <- [<<"Joe@Example.ORG/Desk">>, <<"example.org">>, <<"@x">>, <<"a@b@c">>, <<"ÅÄ@bücher.de/ß"/utf8>>, <<>>, <<"x@y/">>]],
    p(make, [jid:make(<<"A">>, <<"B">>, <<"C">>), jid:nameprep(<<"FOO">>), jid:nodeprep(<<"a b">>), jid:is_nodename(<<"a\"b">>), jid:tolower({<<"A">>, <<"B">>, <<"C">>}),
             jid:remove_resource(jid:decode(<<"a@b/c">>))]),
    p(uri, [{U, xmpp_uri:is_valid(U)} || U <- [<<"http://x.org/a?b#c">>, <<"no uri">>, <<"xmpp:a@b">>, <<>>, <<"http://ä"/utf8>>]]),
    p(lang, [{L, xmpp_lang:is_valid(L)} || L <- [<<"en">>, <<"de-CH-1996">>, <<"x-y-z">>, <<"e">>, <<"toolonglanguage">>, <<>>]]).

xmpp_() ->
    El = fxml_stream:parse_element(<<"<message to='a@b/c' from='x@y' type='chat' id='1' xml:lang='en'><body>hi &amp; ä</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>"/utf8>>),
    M = xmpp:decode(El, <<"jabber:client">>, [ignore_els]),
    p(message, [element(1, M), xmpp:get_to(M), xmpp:get_id(M), xmpp:get_text(element(8, M)), fxml:element_to_binary(xmpp:encode(M))]),
    p(bad, [catch xmpp:decode(fxml_stream:parse_element(<<"<iq/>">>), <<"jabber:client">>, []), catch xmpp:decode(fxml_stream:parse_element(<<"<presence type='odd'/>">>), <<"jabber:client">>, [])]).

sip_() ->
    {ok, _} = application:ensure_all_started(esip),
    Text = <<"INVITE sip:bob@biloxi.com SIP/2.0\r\nVia: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds\r\nMax-Forwards: 70\r\nTo: Bob <sip:bob@biloxi.com>\r\n"
             "From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\nCall-ID: a84b4c76e66710\r\nCSeq: 314159 INVITE\r\nContact: <sip:alice@pc33.atlanta.com>\r\nContent-Length: 4\r\n\r\nbody">>,
    {ok, M} = esip_codec:decode(Text),
    p(message, M),
    p(same, esip_codec:decode(iolist_to_binary(esip_codec:encode(M))) =:= {ok, M}),
    p(uri, [esip_codec:decode_uri(U) || U <- [<<"sip:a:pw@h:5060;transport=tcp?x=y">>, <<"nonsense">>, <<"sips:h">>]]),
    p(codec, [esip_codec:to_lower(<<"ABCÄ"/utf8>>), esip_codec:strcasecmp(<<"Via">>, <<"vIA">>), esip_codec:escape(<<"a b%">>), esip_codec:unescape(<<"a%20b">>),
              esip_codec:split(<<" a, b ,c ">>, $,), esip_codec:match(<<"a b c">>, <<"b">>)]),
    p(bad, [esip_codec:decode(<<"nonsense\r\n\r\n">>), catch esip_codec:decode(<<>>)]).

stun_() ->
    Bin = <<0, 1, 0, 8, 16#21, 16#12, 16#a4, 16#42, 1:96, 16#8022:16, 4:16, "test">>,
    p(decode, R = stun_codec:decode(Bin, datagram)),
    p(encode, catch stun_codec:encode(element(2, R))),
    p(bad, catch stun_codec:decode(<<1, 2, 3>>, datagram)).

mqtree_() ->
    T = mqtree:new(),
    p(empty, [mqtree:is_empty(T), mqtree:size(T)]),
    p(insert, [mqtree:insert(T, F) || F <- [<<"a/b">>, <<"a/+">>, <<"a/#">>, <<"+/b/c">>, <<"$SYS/#">>, <<"a/b">>]]),
    p(match, [[X, lists:sort(mqtree:match(T, X))] || X <- [<<"a/b">>, <<"a/b/c">>, <<"z">>, <<"$SYS/x">>, <<>>]]),
    p(refc, [mqtree:refc(T, <<"a/b">>), mqtree:delete(T, <<"a/b">>), mqtree:refc(T, <<"a/b">>), mqtree:delete(T, <<"nosuch">>), lists:sort(mqtree:to_list(T)), mqtree:size(T)]),
    p(name, [mqtree:register(m, T), mqtree:whereis(m) =:= T, mqtree:registered(), mqtree:unregister(m), mqtree:whereis(m), mqtree:clear(T), mqtree:is_empty(T)]),
    p(bad, [catch mqtree:insert(T, a), catch mqtree:size(x)]).

iconv_() ->
    {ok, _} = application:ensure_all_started(iconv),
    p(x, [iconv:convert(<<"utf-8">>, <<"iso-8859-1">>, <<"åäö"/utf8>>), iconv:convert("utf-8", "utf-16le", <<"aé"/utf8>>), iconv:convert(<<"koi8-r">>, <<"utf-8">>, <<240, 242>>),
          iconv:convert(<<"nosuch">>, <<"utf-8">>, <<"x">>), iconv:convert(<<"utf-8">>, <<"ascii">>, <<"aéb"/utf8>>)]).

stringprep_() ->
    {ok, _} = application:ensure_all_started(stringprep),
    [p(F, [stringprep:F(X) || X <- [<<"ABC">>, <<"ÅÄÖ ß"/utf8>>, <<"a b">>, <<0>>, <<255>>, <<"Ⅳ"/utf8>>, <<"א1"/utf8>>, <<>>, binary:copy(<<"x">>, 2000) =/= <<>> andalso <<"y">>]])
     || F <- [tolower, nameprep, nodeprep, resourceprep]].

xml_() ->
    {ok, _} = application:ensure_all_started(fast_xml),
    p(e, [fxml_stream:parse_element(X) || X <- [<<"<a b='c'>d<e/>&lt;&#228;</a>">>, <<"<a>">>, <<"<a></b>">>, <<"">>, <<"<x:a xmlns:x='u'/>">>, <<"<!DOCTYPE a><a/>">>]]),
    S = fxml_stream:new(self(), infinity, []),
    lists:foldl(fun(X, Acc) -> fxml_stream:parse(Acc, X) end, S, [<<"<stream to='x'><me">>, <<"ssage>hel">>, <<"lo</message><iq id='", "1'/>">>, <<"</stream>">>, <<"junk<">>]),
    p(stream, fl()),
    E = #xmlel{name = <<"a">>, attrs = [{<<"b">>, <<"\"<>&'">>}], children = [{xmlcdata, <<"<&>ä"/utf8>>}, #xmlel{name = <<"c">>}]},
    p(out, [fxml:element_to_binary(E), fxml:crypt(<<"<'\"&>">>), fxml:get_tag_attr_s(<<"b">>, E), fxml:get_subtag(E, <<"c">>), fxml:get_path_s(E, [{elem, <<"c">>}, cdata])]),
    Big = iolist_to_binary([<<"<r>">>, [[<<"<i n='">>, integer_to_binary(I), <<"'>text</i>">>] || I <- lists:seq(1, 3000)], <<"</r>">>]),
    p(big, fxml:element_to_binary(fxml_stream:parse_element(Big)) =:= Big).

fl() -> receive X -> [X | fl()] after 100 -> [] end.

yaml_() ->
    {ok, _} = application:ensure_all_started(fast_yaml),
    p(d, [fast_yaml:decode(X) || X <- [<<"a: 1\nb: [x, 2.5, true, ~]\nc:\n  d: \"é\"\n"/utf8>>, <<"- 1\n- - 2\n">>, <<"a: *nosuch\n">>, <<"x: &r 1\ny: *r\n">>, <<>>, <<"a: [">>, <<"1: 0x1f\n? b\n: c\n">>]]),
    p(o, [fast_yaml:decode(<<"a: b\n">>, [plain_as_atom, sane_scalars]), fast_yaml:decode(<<"n: null\nt: true\n">>, [sane_scalars, maps]), fast_yaml:encode([{<<"a">>, [1, 2.5, <<"x: y">>]}])]),
    [p(e, fast_yaml:format_error(E)) || {error, E} <- [fast_yaml:decode(<<"a: [">>), fast_yaml:decode_from_file("nosuch.yml")]].

eimp_() ->
    {ok, _} = application:ensure_all_started(eimp),
    Row = binary:copy(<<255, 0, 0>>, 8),
    Data = zlib:compress(binary:copy(<<0, Row/binary>>, 8)),
    Chunk = fun(Type, B) -> <<(byte_size(B)):32, Type/binary, B/binary, (erlang:crc32([Type, B])):32>> end,
    Png = iolist_to_binary([<<137, "PNG\r\n", 26, "\n">>, Chunk(<<"IHDR">>, <<8:32, 8:32, 8, 2, 0, 0, 0>>), Chunk(<<"IDAT">>, Data), Chunk(<<"IEND">>, <<>>)]),
    p(type, [eimp:get_type(Png), eimp:get_type(<<"x">>), eimp:identify(Png), eimp:identify(<<"x">>), lists:sort(eimp:supported_formats())]),
    p(convert, [begin R = eimp:convert(Png, F), {F, catch eimp:identify(element(2, R))} end || F <- [png, gif, webp, jpeg]]),
    p(bad, [eimp:convert(<<"x">>, png)]).

sdl_() ->
    Everything = 65535,
    p(init, sdl:init(16#20)),
    p(video, [sdl_video:wasInit_video() || erlang:function_exported(sdl_video, wasInit_video, 0)]),
    S = sdl_video:createRGBsurface(0, 16, 16, 32),
    p(surface, [is_tuple(S), sdl_video:fillRect(S, null, 16#ff00ff), catch tuple_size(sdl_video:getSurface(S))]),
    p(mode, is_tuple(sdl_video:setVideoMode(64, 48, 32, 0))),
    p(events, [sdl_events:pumpEvents(), sdl_events:eventState(Everything, 0), sdl_events:pollEvent()]),
    p(keys, [is_tuple(sdl_keyboard:getKeyState()) orelse sdl_keyboard:getModState(), sdl:getError()]),
    p(quit, sdl:quit()).

cl_() ->
    p(start, [cl:start(), element(1, cl:versions() =/= [] andalso {ok, x})]),
    case cl:get_platform_ids() of
        {ok, [P | _]} ->
            {ok, Devices} = cl:get_device_ids(P, all),
            {ok, Context} = cl:create_context(Devices),
            {ok, Queue} = cl:create_queue(Context, hd(Devices), []),
            Data = << <<X:32/native>> || X <- lists:seq(1, 64) >>,
            {ok, In} = cl:create_buffer(Context, [read_only], byte_size(Data)),
            {ok, Out} = cl:create_buffer(Context, [write_only], byte_size(Data)),
            {ok, Program} = cl:create_program_with_source(Context, <<"__kernel void sq(__global int* a, __global int* b) { int i = get_global_id(0); b[i] = a[i] * a[i]; }">>),
            ok = cl:build_program(Program, Devices, ""),
            {ok, Kernel} = cl:create_kernel(Program, "sq"),
            {ok, W} = cl:enqueue_write_buffer(Queue, In, 0, byte_size(Data), Data, []),
            ok = cl:set_kernel_arg(Kernel, 0, In),
            ok = cl:set_kernel_arg(Kernel, 1, Out),
            {ok, R} = cl:enqueue_nd_range_kernel(Queue, Kernel, [64], [8], [W]),
            {ok, B} = cl:enqueue_read_buffer(Queue, Out, 0, byte_size(Data), [R]),
            cl:flush(Queue),
            p(wait, [cl:wait(W, 20000), cl:wait(R, 20000)]),
            {ok, Squares} = cl:wait(B, 20000),
            p(squares, lists:sum([X || <<X:32/native>> <= Squares])),
            p(info, [element(1, cl:get_platform_info(P)), element(1, cl:get_device_info(hd(Devices))), element(1, cl:get_queue_info(Queue))]);
        None -> p(none, None)
    end,
    p(bad, [catch cl:create_context([]), catch cl:get_device_info(x), catch cl:get_platform_info(make_ref())]).

megaco_() ->
    p(enabled, [megaco_flex_scanner:is_enabled(), megaco_flex_scanner:is_reentrant_enabled()]),
    {ok, Port} = megaco_flex_scanner:start(),
    p(scan, [megaco_flex_scanner:scan(T, Port)
             || T <- [<<"MEGACO/1 [124.124.124.222] Transaction = 9998 { Context = - { ServiceChange = ROOT { Services { Method = Restart } } } }">>, <<"!/1 mgw T=1{C=-{AV=r}}">>, <<1, 2>>, <<>>]]),
    megaco_flex_scanner:stop(Port).

bitcask_() ->
    B = bitcask:open("cask", [read_write]),
    p(put, [bitcask:put(B, integer_to_binary(I rem 50), binary:copy(<<I>>, I)) || I <- lists:seq(1, 200)] =:= lists:duplicate(200, ok)),
    p(get, [bitcask:get(B, <<"7">>) =:= {ok, binary:copy(<<157>>, 157)}, bitcask:get(B, <<"nosuch">>), bitcask:delete(B, <<"7">>), bitcask:get(B, <<"7">>)]),
    p(fold, bitcask:fold(B, fun(_, V, N) -> N + byte_size(V) end, 0)),
    p(keys, [length(bitcask:list_keys(B)), bitcask:is_empty_estimate(B), element(1, bitcask:status(B)), bitcask:needs_merge(B)]),
    p(close, bitcask:close(B)),
    p(merge, bitcask:merge("cask")),
    C = bitcask:open("cask"),
    p(again, [bitcask:get(C, <<"8">>) =:= {ok, binary:copy(<<158>>, 158)}, bitcask:get(C, <<"7">>), length(bitcask:list_keys(C)), catch bitcask:put(C, <<"x">>, <<"y">>)]),
    p(close, bitcask:close(C)).
END
erlc -W0 t.erl && erl -noshell -s t main -s init stop | sed 's/#\(Ref\|Port\)<[0-9.]*>/#\1<>/g'
