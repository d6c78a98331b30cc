# Debian's small libraries, one after the other: what a program would do with them.
export ERL_LIBS=$PACKAGES/usr/lib/erlang/lib
cat > g.peg <<'END'
expr <- sum / '' ;
sum <- product ('+' product)* `lists:sum([hd(Node) | [P || [_, P] <- lists:nth(2, Node)]])`;
product <- num ('*' num)* `lists:foldl(fun([_, N], A) -> N * A end, hd(Node), lists:nth(2, Node))`;
num <- [0-9]+ / '(' sum ')' `case Node of [<<"(">>, S, <<")">>] -> S; _ -> binary_to_integer(iolist_to_binary(Node)) end`;
END
cat > page.mustache <<'END'
Hello {{name}}{{! a comment }}, {{{raw}}} {{&raw}} {{raw}}
{{#items}}* {{n}} {{#last}}(last){{/last}}
{{/items}}{{^none}}nothing{{/none}}
{{> part}}
END
echo 'part of {{name}}' > part.mustache
cat > doc.asciidoc <<'END'
= Title

== Section

A paragraph with *bold*, _em_ and `code`, a link http://x.org[x].

* one
* two
** deeper

. first
. second

[source,erlang]
----
f(X) -> X.
----

|===
|a |b
|1 |2
|===

term:: definition
END
cat > my.schema <<'END'
{mapping, "ring.size", "app.ring_size", [{datatype, integer}, {default, 64}, {validators, ["pow"]}]}.
{validator, "pow", "not a power of two", fun(X) -> (X band (X - 1)) =:= 0 end}.
{mapping, "listen.$name", "app.listeners", [{datatype, ip}, {default, {"127.0.0.1", 80}}]}.
{translation, "app.listeners", fun(Conf) -> [{lists:last(K), V} || {K, V} <- cuttlefish_variable:filter_by_prefix("listen", Conf)] end}.
{mapping, "log.level", "app.level", [{datatype, {enum, [debug, info, error]}}, {default, info}]}.
{mapping, "wait", "app.wait", [{datatype, {duration, ms}}, {default, "1m"}]}.
{mapping, "size", "app.size", [{datatype, bytesize}, {default, "2KB"}]}.
{mapping, "path", "app.path", [{datatype, directory}, {default, "/tmp"}]}.
END
cat > props.erl <<'END'
-module(props).
-include_lib("proper/include/proper.hrl").
-compile(export_all).
prop_rev() -> ?FORALL(L, list(integer()), lists:reverse(lists:reverse(L)) =:= L).
prop_small() -> ?FORALL(X, integer(), X < 12).
prop_list() -> ?FORALL({L, M}, {list(nat()), non_empty(list(oneof([a, b, {c, range(1, 5)}])))}, length(L) < 4 orelse length(M) < 2).
prop_bin() -> ?FORALL(B, binary(), binary_to_list(B) =:= [X || <<X>> <= B]).
-type tree() :: leaf | {node, tree(), integer(), tree()}.
prop_tree() -> ?FORALL(T, tree(), is_tree(T)).
is_tree(leaf) -> true; is_tree({node, L, _, R}) -> is_tree(L) andalso is_tree(R).
prop_collect() -> ?FORALL(X, range(1, 3), collect(X, true)).
prop_exc() -> ?FORALL(X, atom(), begin _ = atom_to_list(X), true end).
prop_q() -> ?FORALL(Cmds, commands(?MODULE), begin erase(q), {_, S, R} = run_commands(?MODULE, Cmds), R =:= ok end).
initial_state() -> [].
command(_) -> oneof([{call, ?MODULE, push, [nat()]}, {call, ?MODULE, pop, []}]).
precondition(S, {call, _, pop, _}) -> S =/= []; precondition(_, _) -> true.
next_state(S, _, {call, _, push, [X]}) -> S ++ [X]; next_state([_ | S], _, {call, _, pop, _}) -> S.
postcondition([H | _], {call, _, pop, _}, R) -> R =:= H; postcondition(_, _, _) -> true.
push(X) -> put(q, queue:in(X, q())), ok.
pop() -> {{value, X}, Q} = queue:out(q()), put(q, Q), X.
q() -> case get(q) of undefined -> queue:new(); Q -> Q end.
END
cat > t.erl <<'END'
-module(t).

-compile(export_all).

main() ->
    [begin io:format("== ~p~n", [F]), try (?MODULE):F() catch C:R:S -> io:format("~p ~p ~P~n", [C, R, S, 30]) end end
     || F <- [base64url_, bbmustache_, bear_, cf_, getopt_, idna_, jiffy_, mimerl_, uuid_, neotoma_, luerl_, cowlib_, erlware_, meck_, proper_, goldrush_, folsom_, metrics_, lager_, jose_, cuttlefish_, asciideck_, mochi_, poolboy_, bitcask_, horse_]].

%% Sums of floats depend on the order of a table.
rounded(X) when is_float(X) -> round(X * 1.0e6);
rounded([H | T]) -> [rounded(H) | rounded(T)];
rounded(X) when is_tuple(X) -> list_to_tuple(rounded(tuple_to_list(X)));
rounded(X) -> X.

short({'EXIT', {R, [{M, F, A, _} | _]}}) ->
    {exit,
     if is_atom(R) -> R;
        true -> element(1, R)
     end,
     M,
     F,
     if is_list(A) -> length(A);
        true -> A
     end};
short(X) -> X.

p(T, X) -> io:format("~p: ~tp~n", [T, X]).

base64url_() ->
    p(x,
      [base64url:encode(<<255, 254, 253, 1>>),
       base64url:encode_mime(<<1>>),
       base64url:decode(<<"_v79">>),
       base64url:decode("__79AQ=="),
       catch base64url:decode(<<"!">>)]).

bbmustache_() ->
    D = #{"name" => "Jöe", "raw" => "<b>&\"</b>", "items" => [#{"n" => 1}, #{"n" => 2.5, "last" => true}], "none" => []},
    io:format("~ts~n", [bbmustache:compile(bbmustache:parse_file("page.mustache"), D)]),
    p(atoms, bbmustache:render(<<"{{a}} {{#b}}{{.}},{{/b}}{{=<% %>=}}<%a%>">>, [{a, x}, {b, ["1", "2"]}], [{key_type, atom}])),
    p(bad, catch bbmustache:render(<<"{{#a}}">>, #{})).

bear_() ->
    L = [X * X rem 97 || X <- lists:seq(1, 500)],
    p(s, bear:get_statistics(L)),
    p(two, bear:get_statistics(L, lists:reverse(L))),
    p(sub, bear:get_statistics_subset(L, [min, max, {percentile, [5.0e-1, 9.89999999999999991118e-1]}, skewness])),
    p(none, bear:get_statistics([])).

cf_() ->
    application:load(cf),
    application:set_env(cf, colour_term, true),
    p(f, [cf:format("~!r~s~!! ~!_b~p~!! ~!^plain ~~ ~!#12ab34x~!!", ["red", {1}])]),
    cf:print("~!gok~!!~n").

getopt_() ->
    Spec = [{help, $h, "help", undefined, "Help"},
            {port, $p, "port", {integer, 80}, "Port"},
            {name, $n, "name", string, "Nåme"},
            {f, undefined, "float", float, "F"},
            {verbose, $v, undefined, integer, "V"},
            {file, undefined, undefined, string, "File"}],
    [p(A, getopt:parse(Spec, A))
     || A <- ["-p 3 --name=x y z", "-vvv -h", "--port foo", "--nosuch", "-n", "--float 2.5 file", "-- -p 1", "-p3 -v2"]],
    p(check, getopt:parse_and_check([{a, $a, "a", string, "x"}], "")),
    getopt:usage(Spec, "prog", "[tail]", [{"tail", "the tail"}]),
    p(tok, getopt:tokenize("a 'b c' \"d\\\"e\" $HOME x\\ y")),
    p(e, [getopt:format_error(Spec, E) || {error, E} <- [getopt:parse(Spec, "--nosuch")]]).

idna_() ->
    [p(X, catch {idna:encode(X), idna:decode(idna:encode(X))})
     || X <- ["bücher.example", "例え.テスト", "ß.de", "xn--bcher-kva", "a..b", "ЯНДЕКС.рф", "faß.com", lists:duplicate(70, $a), "‌x"]],
    p(uts, [catch idna:encode("Faß.COM", [uts46, {std3_rules, true}]), catch idna:encode("a_b", [uts46, {std3_rules, true}])]).

jiffy_() ->
    D = jiffy:decode(<<"{\"a\":[1,2.5,-3e10,true,false,null,\"\\u00e9\\ud83d\\ude00\"],\"b\":{\"c\":[]}, \"big\":123456789012"
                       "345678901234567890}">>,
                     [return_maps]),
    p(d, D),
    p(e, jiffy:encode(D, [pretty])),
    p(e, jiffy:encode({[{<<"x">>, [1.0, 1.0e+100, 4.94065645841246544177e-324, <<"\n\"é"/utf8>>]}, {y, nil}]}, [use_nil, uescape])),
    [p(bad, catch jiffy:decode(B)) || B <- [<<"{">>, <<"[1,]">>, <<"nul">>, <<"\"\\x\"">>, <<255>>, <<"">>, <<"1 2">>]],
    p(badenc, [catch jiffy:encode({a}), catch jiffy:encode(<<255>>), catch jiffy:encode(self()) =/= x]),
    Big = [#{<<"k", (integer_to_binary(I))/binary>> => [I, I / 3, <<"text">>]} || I <- lists:seq(1, 20000)],
    B = iolist_to_binary(jiffy:encode(Big)),
    p(big, {byte_size(B), erlang:md5(B), jiffy:decode(B, [return_maps]) =:= Big}),
    p(trailer, jiffy:decode(<<"1 2">>, [return_trailer])),
    p(opts, [jiffy:decode(<<"{\"a\":1,\"a\":2}">>, [return_maps, dedupe_keys]), jiffy:encode([<<"/">>], [escape_forward_slashes])]).

mimerl_() ->
    p(x,
      [mimerl:extension(<<"png">>),
       mimerl:filename(<<"a.tar.gz">>),
       mimerl:filename(<<"none">>),
       mimerl:mime_to_exts(<<"text/plain">>),
       mimerl:web_extension(<<"js">>),
       mimerl:web(<<"x.css">>)]).

uuid_() ->
    p(x,
      [uuid:to_string(uuid:uuid5(dns, "example.org")),
       uuid:to_string(uuid:uuid3(url, "http://x")),
       uuid:to_string(simple, uuid:uuid3(oid, "1.2")),
       uuid:version(uuid:uuid5(dns, "x")),
       uuid:variant(uuid:uuid5(dns, "x")),
       uuid:to_binary("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
       uuid:is_valid(uuid:uuid5(dns, "x")),
       uuid:is_v5(uuid:uuid5(dns, "x")),
       uuid:to_uuid_urn(uuid:uuid5(dns, "x")),
       element(1, element(2, catch uuid:uuid4()))]).

neotoma_() ->
    p(file, neotoma:file("g.peg", [{module, g}])),
    {ok, B} = file:read_file("g.erl"),
    p(gen, erlang:md5(re:replace(B, "20[0-9-]* ?[0-9:]*", "", [global]))),
    p(c, element(1, compile:file("g"))),
    code:add_patha("."),
    [p(X, catch g:parse(X)) || X <- ["1+2*3", "2*(3+4)*5", "1+", "(", ""]],
    p(bad, catch neotoma:parse("a <- b")).

luerl_() ->
    L = luerl:init(),
    [p(r,
       try luerl:do(S, L) of
           {R, _} -> R;
           {ok, R, _} -> R;
           O -> O
       catch
           C:E ->
               {C,
                element(1,
                        if is_tuple(E) -> E;
                           true -> {E}
                        end)}
       end)
     || S
            <- ["return 1 + 2, 'a' .. 'b', 7 // 2, 7 % 3, 2 ^ 10",
                "local function fib(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end return fib(18)",
                "local t = {} for i = 1, 100 do t[i] = i * i end local s = 0 for k, v in pairs(t) do s = s + "
                "v end return s, #t",
                "return string.format('%5.2f|%s|%d|%x|%q', 3.14159, 'x', 42, 255, 'q'), string.rep('ab', 3), "
                "string.upper('x'), ('hello'):sub(2, 3), string.find('hello world', 'o w'), string.gsub('aaa', "
                "'a', 'b', 2)",
                "local mt = {__index = function(t, k) return k .. '!' end, __add = function(a, b) return 9 end} "
                "local t = setmetatable({}, mt) return t.foo, t + 1",
                "return pcall(function() error({code = 1}) end)",
                "error('bad')",
                "return table.concat({1, 2, 3}, '-'), select('#', 1, 2), type(print), tostring(nil), math.floor(3.7), "
                "math.max(1, 5, 2)",
                "x = = 1",
                "local t = {5, 2, 8} table.sort(t, function(a, b) return a > b end) return t[1], t[2], t[3]",
                "goto l ::l:: return 1",
                "local s = 0 local i = 0 while true do i = i + 1 if i > 1000 then break end s = s + i end return s",
                "return string.byte('A'), string.char(72, 105), #'häß'"]],
    p(call,
      catch begin
                {_, St} = case luerl:do("function f(a, b) return a * b, {x = a} end", L) of
                              {ok, Q, Z} -> {Q, Z};
                              Z2 -> Z2
                          end,
                luerl:call_function([f], [6, 7], St)
            end
                =/= x).

cowlib_() ->
    p(qs,
      [cow_qs:parse_qs(<<"a=1&b=%20x&c">>),
       cow_qs:qs([{<<"a b">>, <<"é"/utf8>>}, {<<"c">>, true}]),
       cow_qs:urlencode(<<"a/b c">>),
       catch cow_qs:parse_qs(<<"%zz">>)]),
    p(hd,
      [cow_http_hd:parse_connection(<<"keep-alive, Upgrade">>),
       cow_http_hd:parse_accept(<<"text/*;q=0.3, text/html;q=0.7;level=1">>),
       catch cow_http_hd:parse_content_type(<<"text/plain; charset=utf-8">>),
       catch cow_http_hd:parse_content_length(<<"x">>)]),
    p(te, [cow_http_te:stream_chunked(<<"5\r\nhello\r\n0\r\n\r\n">>, {0, 0}), cow_http_te:stream_identity(<<"abc">>, {0, 3})]),
    p(mp,
      [cow_multipart:parse_headers(<<"--b\r\nA: 1\r\n\r\nbody\r\n--b--">>, <<"b">>), cow_multipart:parse_body(<<"body\r\n--b--">>, <<"b">>)]),
    p(cookie, [cow_cookie:parse_cookie(<<"a=b; c=d">>), iolist_to_binary(cow_cookie:setcookie(<<"n">>, <<"v">>, [{path, <<"/">>}, secure]))]),
    p(date, [cow_date:parse_date(<<"Sun, 06 Nov 1994 08:49:37 GMT">>), catch cow_date:rfc1123({{2020, 1, 1}, {0, 0, 0}})]),
    p(mime, [cow_mimetypes:all(<<"a.html">>), cow_mimetypes:web(<<"x.zzz">>)]).

erlware_() ->
    p(semver,
      [ec_semver:parse("1.2.3-alpha.1+b"),
       ec_semver:gt("1.10.0", "1.9"),
       ec_semver:pes("2.6.5", "2.6"),
       lists:sort(fun ec_semver:lte/2, ["1.0", "0.9.1", "1.0-rc1"]),
       iolist_to_binary(ec_semver:format({1, {[], []}}))]),
    p(date,
      [ec_date:format("Y-m-d H:i:s D jS F", {{2012, 3, 4}, {5, 6, 7}}),
       ec_date:parse("2012-03-04 05:06:07"),
       catch ec_date:parse("junk"),
       ec_date:format_iso8601({{2012, 3, 4}, {5, 6, 7}})]),
    p(pl,
      [ec_plists:map(fun (X) -> X * X end, lists:seq(1, 50), 4),
       lists:sort(ec_plists:filter(fun (X) -> X > 40 end, lists:seq(1, 50))),
       ec_plists:fold(fun (A, B) -> A + B end, 0, lists:seq(1, 1000), 10),
       ec_plists:any(fun (X) -> X > 5 end, [1, 9]),
       catch ec_plists:map(fun (X) -> 1 / X end, [1, 0]),
       lists:sort(ec_plists:ftmap(fun (X) -> 4 div X end, [1, 0, 2])) =/= [],
       ec_plists:sort([3, 1, 2])]),
    p(lists,
      [ec_lists:find(fun (X) -> X > 2 end, [1, 3]),
       ec_lists:fetch(fun (X) -> X > 2 end, [1, 3]),
       ec_lists:search(fun (X) ->
                               case X of
                                   2 -> {ok, x};
                                   _ -> not_found
                               end
                       end,
                       [1, 2])]),
    [p(dict,
       begin
           D = lists:foldl(fun (I, A) -> ec_dictionary:add(I, I * I, A) end, ec_dictionary:new(M), lists:seq(1, 20)),
           {ec_dictionary:get(7, D),
            ec_dictionary:size(D),
            lists:sort(ec_dictionary:to_list(ec_dictionary:remove(3, D))) =/= [],
            catch ec_dictionary:get(99, D)}
       end)
     || M <- [ec_dict, ec_gb_trees, ec_orddict, ec_rbdict]],
    p(file,
      [ec_file:write("f.txt", "x"),
       ec_file:exists("f.txt"),
       ec_file:copy("f.txt", "f2.txt"),
       ec_file:sha1sum(<<"x">>),
       ec_file:md5sum("x"),
       ec_file:mkdir_path("aa/bb/cc"),
       ec_file:is_dir("aa/bb"),
       ec_file:remove("aa", [recursive]),
       ec_file:type("f.txt")]),
    p(cnv, [ec_cnv:to_integer("12"), ec_cnv:to_binary(a), ec_cnv:to_float("1.5"), ec_cnv:is_true("true")]).

meck_() ->
    ok = meck:new(mk, [non_strict]),
    meck:expect(mk, f, fun (X) -> X + 1 end),
    meck:expect(mk, g, 2, meck:seq([1, 2, 3])),
    meck:expect(mk, h, [{[1], one}, {['_'], other}]),
    p(c, [mk:f(1), mk:g(a, b), mk:g(a, b), mk:g(a, b), mk:g(a, b), mk:h(1), mk:h(2), catch mk:f(a)]),
    p(hist, [{M, R} || {_, M, R} <- meck:history(mk), true]),
    p(n, [meck:num_calls(mk, f, '_'), meck:called(mk, h, [2]), meck:validate(mk), meck:capture(last, mk, h, ['_'], 1)]),
    meck:unload(mk),
    ok = meck:new(lists2, [non_strict, no_link]),
    meck:unload(),
    ok = meck:new(orddict, [unstick, passthrough]),
    meck:expect(orddict, size, fun (_) -> 99 end),
    p(pt, [orddict:size([]), orddict:store(a, 1, [])]),
    meck:expect(orddict, fetch, fun (K, D) -> {p, meck:passthrough([K, D])} end),
    p(pt, orddict:fetch(a, [{a, 1}])),
    meck:expect(orddict, find, fun (_, _) -> meck:exception(throw, oops) end),
    p(ex, catch orddict:find(a, [])),
    meck:unload(orddict),
    p(back, orddict:size([])),
    p(strict, [catch meck:new(nosuchmod), catch meck:expect(nosuchmod, f, 1, 1), catch meck:new(erlang)]),
    meck:new(gb_sets, [unstick, passthrough]),
    spawn(fun () -> gb_sets:new() end),
    p(wait, meck:wait(gb_sets, new, '_', 500)),
    meck:reset(gb_sets),
    p(n, meck:num_calls(gb_sets, new, [])),
    meck:unload().

proper_() ->
    [p(F, proper:quickcheck(props:F(), [quiet, {numtests, 200}])) || F <- [prop_rev, prop_small, prop_bin, prop_tree, prop_exc, prop_q]],
    p(small, begin proper:quickcheck(props:prop_small(), [quiet, {numtests, 500}]), proper:counterexample() end),
    p(list,
      begin proper:quickcheck(props:prop_list(), [quiet, {numtests, 500}]), [length(A) || A <- tuple_to_list(hd(proper:counterexample()))] end),
    p(mod, lists:sort([X || {X, _, _} <- proper:module(props, [quiet, {numtests, 300}])])),
    p(gen, [begin {ok, V} = proper_gen:pick(G), length(V) >= 0 end || G <- [proper_types:list(proper_types:int()), proper_types:string()]]),
    p(spec, catch proper:check_spec({lists, duplicate, 2}, [quiet, {numtests, 10}])),
    p(spec, catch length(proper:check_specs(ordsets, [quiet, {numtests, 5}])) >= 0).

goldrush_() ->
    {ok, _} = application:ensure_all_started(goldrush),
    {ok, M} = glc:compile(gm,
                          glc:with(glc:all([glc:gt(a, 3), glc:any([glc:eq(b, x), glc:nf(c)])]), fun (E) -> self() ! {ev, gre:fetch(a, E)} end)),
    [glc:handle(M, gre:make([{a, N}, {b, x}], [list])) || N <- lists:seq(1, 8)],
    p(i, [glc:F(M) || F <- [input, output, filter]]),
    p(got, fl()),
    p(r, glc_lib:reduce(glc:all([glc:eq(a, 1), glc:all([glc:eq(a, 1), glc:null(true)])]))),
    p(bad, catch glc:eq("a", 1)),
    glc:delete(gm),
    p(gre,
      [gre:make([{a, 1}], [list]),
       gre:merge(gre:make([{a, 1}], [list]), gre:make([{b, 2}], [list])),
       gre:pairs(gre:make([{z, 1}, {y, 2}], [list]))]),
    p(run, catch glc:run(gm, fun (_, _) -> ok end, gre:make([{a, 5}], [list]))).

fl() -> receive X -> [X | fl()] after 100 -> [] end.

folsom_() ->
    {ok, _} = application:ensure_all_started(folsom),
    folsom_metrics:new_counter(c),
    [folsom_metrics:notify({c, {inc, I}}) || I <- lists:seq(1, 100)],
    folsom_metrics:new_gauge(g),
    folsom_metrics:notify({g, 7}),
    folsom_metrics:new_histogram(h, none, 500, x),
    folsom_metrics:new_histogram(h2, slide, 60),
    [folsom_metrics:notify({H, I * 7 rem 101}) || H <- [h, h2], I <- lists:seq(1, 300)],
    folsom_metrics:new_meter(m),
    folsom_metrics:notify({m, 5}),
    folsom_metrics:new_history(hi),
    folsom_metrics:notify({hi, "event"}),
    folsom_metrics:new_spiral(s),
    folsom_metrics:notify({s, 3}),
    folsom_metrics:tag_metric(c, tg),
    p(m, lists:sort(folsom_metrics:get_metrics())),
    p(v,
      [folsom_metrics:get_metric_value(c),
       folsom_metrics:get_metric_value(g),
       length(folsom_metrics:get_metric_value(h)),
       folsom_metrics:get_metric_value(s)]),
    p(stats, rounded([folsom_metrics:get_histogram_statistics(X) || X <- [h, h2]])),
    p(i, lists:sort(folsom_metrics:get_metrics_info())),
    p(t, folsom_metrics:get_metrics_value(tg)),
    p(vm, [lists:sort(proplists:get_keys(folsom_vm_metrics:F())) || F <- [get_memory, get_statistics]]),
    p(sys, lists:sort(proplists:get_keys(folsom_vm_metrics:get_system_info()))),
    p(procs, length(folsom_vm_metrics:get_process_info()) > 10),
    p(ports, is_list(folsom_vm_metrics:get_port_info())),
    p(ets, is_list(folsom_vm_metrics:get_ets_info())),
    p(dets, folsom_vm_metrics:get_dets_info()),
    p(bad, [catch folsom_metrics:notify({nosuch, 1}), catch folsom_metrics:get_metric_value(nosuch)]),
    folsom_metrics:delete_metric(c),
    p(timed, folsom_metrics:histogram_timed_update(h, fun () -> done end)).

metrics_() ->
    application:ensure_all_started(metrics),
    p(b, [metrics:backend(metrics_folsom), metrics:backend()]),
    p(n,
      [metrics:new(counter, "a.b"),
       metrics:update("a.b", {c, 5}),
       metrics:update("a.b"),
       metrics:new(histogram, "h"),
       metrics:update("h", 7),
       metrics:update_or_create("g", 3, gauge)]),
    p(v, lists:sort(folsom_metrics:get_metrics())),
    p(d, [metrics:delete("a.b"), metrics:delete("nosuch")]).

lager_() -> lg:main().

init(_) -> {ok, s}.

handle_call(crash, _, S) -> error({boom, S}).

jose_() ->
    application:ensure_all_started(jose),
    K = jose_jwk:from_oct(<<"0123456789abcdef0123456789abcdef">>),
    p(jwk, jose_jwk:to_map(K)),
    {_, S} = jose_jws:compact(jose_jwt:sign(K, #{<<"alg">> => <<"HS256">>}, #{<<"sub">> => <<"joe">>, <<"n">> => 1})),
    p(jwt, S),
    p(v, element(1, jose_jwt:verify(K, S))),
    p(v, element(1, jose_jwt:verify(jose_jwk:from_oct(<<"other">>), S))),
    p(peek, jose_jws:peek_protected(S)),
    [p(A,
       begin
           Key = jose_jwk:generate_key(G),
           {_, T} = jose_jws:compact(jose_jws:sign(Key, <<"payload">>, #{<<"alg">> => A})),
           {Ok, Pl, _} = jose_jws:verify(jose_jwk:to_public(Key), T),
           {Ok, Pl}
       end)
     || {A, G}
            <- [{<<"RS256">>, {rsa, 2048}},
                {<<"PS384">>, {rsa, 2048}},
                {<<"ES256">>, {ec, <<"P-256">>}},
                {<<"ES512">>, {ec, <<"P-521">>}},
                {<<"EdDSA">>, {okp, 'Ed25519'}}]],
    [p({A, E},
       short(catch begin
                       Key = jose_jwk:generate_key(G),
                       {_, T} = jose_jwe:compact(jose_jwk:block_encrypt(<<"secret">>,
                                                                        jose_jwe:from(#{<<"alg">> => A, <<"enc">> => E}),
                                                                        jose_jwk:to_public(Key))),
                       element(1, jose_jwk:block_decrypt(T, Key))
                   end))
     || {A, G}
            <- [{<<"RSA-OAEP">>, {rsa, 2048}},
                {<<"RSA1_5">>, {rsa, 2048}},
                {<<"ECDH-ES">>, {ec, <<"P-256">>}},
                {<<"ECDH-ES+A128KW">>, {okp, 'X25519'}}],
        E <- [<<"A128GCM">>, <<"A256CBC-HS512">>]],
    p(dir,
      catch begin
                {_, T1} = jose_jwe:compact(jose_jwk:block_encrypt(<<"x">>, jose_jwe:from(#{<<"alg">> => <<"dir">>, <<"enc">> => <<"A256GCM">>}), K)),
                element(1, jose_jwk:block_decrypt(T1, K))
            end),
    p(pbes,
      catch begin
                {_, T2} = jose_jwe:compact(jose_jwk:block_encrypt(<<"x">>,
                                                                  jose_jwe:from(#{<<"alg">> => <<"PBES2-HS256+A128KW">>, <<"enc">> => <<"A128GCM">>,
                                                                                  <<"p2c">> => 100, <<"p2s">> => <<"c2FsdA">>}),
                                                                  K)),
                element(1, jose_jwk:block_decrypt(T2, K))
            end),
    p(thumb, jose_jwk:thumbprint(K)),
    p(pem,
      catch begin
                Ec = jose_jwk:generate_key({ec, <<"P-256">>}),
                {_, Pem} = jose_jwk:to_pem(Ec),
                jose_jwk:to_map(jose_jwk:from_pem(Pem)) =:= jose_jwk:to_map(Ec)
            end),
    p(sha3, [jose_sha3:sha3_256(<<"abc">>), jose_sha3:shake256(<<"x">>, 20)]),
    p(ed,
      catch begin
                {Pk, Sk} = jose_curve25519:eddsa_keypair(<<1:256>>),
                Sg = jose_curve25519:ed25519_sign(<<"m">>, Sk),
                {Pk, Sg, jose_curve25519:ed25519_verify(Sg, <<"m">>, Pk)}
            end),
    p(x448, catch jose_jwa_x448:x448(<<3:448/little>>, <<5:448/little>>)),
    p(ed448,
      catch begin
                {Pk4, Sk4} = jose_jwa_ed448:keypair(<<7:456>>),
                S4 = jose_jwa_ed448:sign(<<"m">>, Sk4),
                {Pk4, erlang:md5(S4), jose_jwa_ed448:verify(S4, <<"m">>, Pk4)}
            end),
    p(chacha, catch jose_jwa_chacha20_poly1305:encrypt(<<"x">>, <<"aad">>, <<0:96>>, <<1:256>>)),
    p(json, [jose:encode(#{<<"a">> => [1, null]}), jose:decode(<<"{\"x\":[1.5]}">>)]),
    p(bad, [catch jose_jws:verify(K, <<"x.y">>), catch jose_jwk:from_map(#{})]).

cuttlefish_() ->
    Sch = cuttlefish_schema:files(["my.schema"]),
    p(s, tuple_size(Sch)),
    [p(C, catch cuttlefish_generator:map(Sch, C))
     || C
            <- [[],
                [{["ring", "size"], "128"}, {["listen", "a"], "1.2.3.4:99"}, {["log", "level"], "debug"}, {["wait"], "5s"}, {["size"], "1GB"}],
                [{["ring", "size"], "100"}],
                [{["ring", "size"], "abc"}],
                [{["log", "level"], "loud"}],
                [{["nosuch"], "1"}]]],
    file:write_file("my.conf", "# comment\nring.size = 256\nlisten.x = 0.0.0.0:1\nlog.level=error # c\n"),
    p(conf, cuttlefish_conf:file("my.conf")),
    p(map, cuttlefish_generator:map(Sch, cuttlefish_conf:file("my.conf"))),
    file:write_file("bad.conf", "a b c\n"),
    p(bad, cuttlefish_conf:file("bad.conf")),
    p(gen, catch cuttlefish_conf:generate_file(Sch, "out.conf")),
    p(out, file:read_file("out.conf")),
    p(u,
      [cuttlefish_bytesize:parse("10MB"),
       cuttlefish_duration:parse("1h5m"),
       cuttlefish_duration:to_string(65000, ms),
       cuttlefish_bytesize:to_string(2048)]).

asciideck_() ->
    A = asciideck:parse_file("doc.asciidoc"),
    p(a, A),
    p(man, catch asciideck:to_manpage(asciideck:parse("= f(3)\n\n== Name\n\nf - x\n"), #{})),
    p(html, catch asciideck:to_html(A)).

mochi_() ->
    p(json,
      [iolist_to_binary(mochijson2:encode({struct, [{<<"a">>, [1, 2.5, null, true, <<"é"/utf8>>]}]})),
       mochijson2:decode(<<"{\"a\":[1,\"\\u00e9\"]}">>),
       catch mochijson2:decode(<<"{">>),
       iolist_to_binary(mochijson:encode({struct, [{"a", {array, [1]}}]}))]),
    p(html,
      [mochiweb_html:parse(<<"<html><body class=x><p>a<b>c<br>d</p><script>1<2</script>&eacute;</body></html>">>),
       iolist_to_binary(mochiweb_html:to_html({<<"a">>, [{<<"b">>, <<"\"">>}], [<<"<">>]})),
       mochiweb_html:tokens(<<"<!-- c --><x/>">>)]),
    p(util,
      [mochiweb_util:parse_qs("a=1&b=%20"),
       mochiweb_util:urlencode([{a, "b c"}]),
       mochiweb_util:urlsplit("http://h:1/p?q#f"),
       mochiweb_util:quote_plus("a b&c"),
       mochiweb_util:guess_mime("x.html"),
       mochiweb_util:shell_quote("a'b $c"),
       mochiweb_util:parse_qvalues("text/html;q=0.5, */*")]),
    p(num, [mochinum:digits(F) || F <- [1.0, 1.0e-1, 1.0e+22, 4.94065645841246544177e-324, 1.23456e+2]]),
    p(cookies, [mochiweb_cookies:parse_cookie("a=b; c=\"d e\""), mochiweb_cookies:cookie("k", "v", [{path, "/"}])]),
    p(headers, mochiweb_headers:to_list(mochiweb_headers:make([{"A", "1"}, {b, 2}]))),
    p(cs,
      [mochiweb_charref:charref("eacute"),
       mochiutf8:codepoints_to_bytes([233, 20320]),
       mochihex:to_hex(<<1, 255>>),
       mochitemp:gettempdir() =/= x]),
    p(base64, mochiweb_base64url:encode(<<255, 254>>)),
    Loop = fun (Req) ->
                   case mochiweb_request:get(path, Req) of
                       "/echo" -> mochiweb_request:ok({"text/plain", mochiweb_request:recv_body(Req)}, Req);
                       "/chunk" ->
                           R = mochiweb_request:respond({200, [], chunked}, Req),
                           [mochiweb_response:write_chunk(integer_to_list(I), R) || I <- lists:seq(1, 30)],
                           mochiweb_response:write_chunk("", R);
                       "/crash" -> error(x);
                       "/file" -> mochiweb_request:serve_file("t.erl", ".", Req);
                       "/form" -> mochiweb_request:ok({"text/plain", io_lib:format("~p", [mochiweb_multipart:parse_form(Req)])}, Req);
                       P -> mochiweb_request:respond({404, [{"X", "y"}], P}, Req)
                   end
           end,
    {ok, _} = mochiweb_http:start([{name, mw}, {port, 0}, {ip, "127.0.0.1"}, {loop, Loop}, {acceptor_pool_size, 4}]),
    Port = mochiweb_socket_server:get(mw, port),
    application:ensure_all_started(inets),
    U = fun (X) -> "http://127.0.0.1:" ++ integer_to_list(Port) ++ X end,
    Sh = fun ({ok, {{_, C, _}, H, B}}) ->
                 {C,
                  proplists:get_value("content-type", H),
                  if length(B) > 500 -> length(B) > 500;
                     true -> B
                  end};
             (O) -> O
         end,
    [p(X, Sh(httpc:request(U(X)))) || X <- ["/chunk", "/file", "/nothing", "/crash"]],
    p(echo, Sh(httpc:request(post, {U("/echo"), [], "text/plain", lists:duplicate(200, $z)}, [], []))),
    p(form,
      Sh(httpc:request(post,
                       {U("/form"),
                        [],
                        "multipart/form-data; boundary=b",
                        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nval\r\n--b\r\nContent-Disposition: "
                        "form-data; name=\"f\"; filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\nfile\r\n--b--\r\n"},
                       [],
                       []))),
    Me = self(),
    [spawn(fun () -> Me ! {q, length([1 || _ <- lists:seq(1, 20), {ok, {{_, 404, _}, _, _}} <- [httpc:request(U("/x"))]])} end)
     || _ <- lists:seq(1, 10)],
    p(many, lists:sum([receive {q, N} -> N after 10000 -> 0 end || _ <- lists:seq(1, 10)])),
    mochiweb_http:stop(mw).

poolboy_() ->
    {ok, P} = poolboy:start([{worker_module, pw}, {size, 3}, {max_overflow, 2}, {name, {local, pool}}], []),
    p(s, poolboy:status(P)),
    Ws = [poolboy:checkout(P) || _ <- lists:seq(1, 5)],
    p(s, [poolboy:status(P), length(lists:usort(Ws)), poolboy:checkout(P, false)]),
    [poolboy:checkin(P, W) || W <- Ws],
    timer:sleep(50),
    p(s, poolboy:status(P)),
    p(tr, poolboy:transaction(P, fun (W) -> gen_server:call(W, hi) end)),
    W1 = poolboy:checkout(P),
    exit(W1, kill),
    timer:sleep(50),
    p(s, poolboy:status(P)),
    p(to, element(1, element(2, catch begin [poolboy:checkout(P) || _ <- lists:seq(1, 5)], poolboy:checkout(P, true, 100) end))),
    poolboy:stop(P).

bitcask_() ->
    B = bitcask:open("bc", [read_write]),
    [bitcask:put(B, <<"k", (integer_to_binary(I))/binary>>, crypto:hash(md5, <<I:32>>)) || I <- lists:seq(1, 500)],
    [bitcask:delete(B, <<"k", (integer_to_binary(I))/binary>>) || I <- lists:seq(1, 500, 3)],
    p(g,
      [bitcask:get(B, <<"k2">>),
       bitcask:get(B, <<"k1">>),
       length(bitcask:list_keys(B)),
       bitcask:fold(B, fun (_, V, A) -> A + erlang:phash2(V) end, 0)]),
    p(st, element(1, bitcask:status(B))),
    bitcask:close(B),
    B2 = bitcask:open("bc"),
    p(g, [bitcask:get(B2, <<"k500">>), length(bitcask:list_keys(B2))]),
    bitcask:close(B2),
    p(m, bitcask:merge("bc")),
    B3 = bitcask:open("bc"),
    p(n, length(bitcask:list_keys(B3))),
    bitcask:close(B3).

horse_() -> p(x, catch horse:mod_perf(hp)).
END
cat > lg.erl <<'END'
-module(lg).

-compile({parse_transform, lager_transform}).

-compile(export_all).

p(T, X) -> io:format("~p: ~tp~n", [T, X]).

main() ->
    application:load(lager),
    [application:set_env(lager, K, V)
     || {K, V}
            <- [{handlers,
                 [{lager_console_backend,
                   [{level, info},
                    {formatter, lager_default_formatter},
                    {formatter_config, ["C ", severity, " ", module, ":", line, " ", message, "\n"]}]},
                  {lager_file_backend,
                   [{file, "lager.log"},
                    {level, debug},
                    {formatter, lager_default_formatter},
                    {formatter_config, [severity, " ", {user, "none"}, " ", message, "\n"]},
                    {size, 0}]}]},
                {error_logger_redirect, true},
                {crash_log, "crash.log"},
                {log_root, "lager"}]],
    {ok, _} = application:ensure_all_started(lager),
    info("hello ~p", [x]),
    debug("dbg"),
    lager:log(error, [{user, joe}], "explicit ~s", ["é"]),
    lager:log(warning, self(), "pid"),
    lager:md([{user, ann}]),
    notice([{user, zoe}], "md"),
    [lager:log(info, [], "n ~p", [I]) || I <- lists:seq(1, 200)],
    spawn(fun () -> error(crash_here) end),
    {ok, P} = gen_server:start(t, [], []),
    catch gen_server:call(P, crash),
    timer:sleep(500),
    lager:set_loglevel(lager_console_backend, error),
    info("hidden", []),
    p(levels,
      [lager:get_loglevel(lager_console_backend),
       lager:get_loglevel({lager_file_backend, "lager.log"}),
       lager:posix_error(enoent),
       lager:status() =/= x]),
    lager:trace_file("trace.log", [{user, joe}], debug),
    lager:log(debug, [{user, joe}], "traced"),
    timer:sleep(300),
    p(pr, lager:pr({rec, 1}, t)),
    p(trunc, lager_trunc_io:format("~p", [lists:seq(1, 100)], 40)),
    application:stop(lager),
    [begin
         {ok, B} = file:read_file("lager/" ++ F), io:put_chars(re:replace(B, "<[0-9.]+>|20[0-9-]+ [0-9:.]+", "X", [global, {return, list}]))
     end
     || F <- ["lager.log", "crash.log", "trace.log"], filelib:is_file("lager/" ++ F)].

info(F, A) -> lager:info(F, A).

debug(F) -> lager:debug(F).

notice(M, F) -> lager:notice(M, F).
END
cat > pw.erl <<'END'
-module(pw).
-behaviour(poolboy_worker).
-export([start_link/1, init/1, handle_call/3, handle_cast/2]).
start_link(A) -> gen_server:start_link(?MODULE, A, []).
init(_) -> {ok, 0}.
handle_call(X, _, S) -> {reply, {X, S}, S}.
handle_cast(_, S) -> {noreply, S}.
END
cp "$PACKAGES"/usr/lib/erlang/lib/horse-*/ebin/*.erl .; erlc horse_autoexport.erl; erlc -pa . horse.erl
cat > hp.erl <<'END'
-module(hp).
-compile({parse_transform, horse_autoexport}).
horse_seq() -> horse:repeat(100, lists:seq(1, 100)).
horse_rev() -> horse:repeat(100, lists:reverse([1, 2, 3])).
END
for m in props pw hp lg t; do erlc -pa . +nowarn_export_all $m.erl 2>&1 | grep -A3 -i 'error\|unsafe\|undefined'; done
erl -noshell -pa . -kernel logger_level critical -s t main -s init stop 2>&1 | sed 's/<[0-9]*\.[0-9.]*>/<PID>/g; s/#Ref<[0-9.]*>/REF/g; s/ in [0-9.]*s$/ in TIME/; s/#Fun<t\.[0-9.]*>/FUN/g'; echo "status $?"
