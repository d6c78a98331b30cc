%% What a release's own library does: run on it by tests/run_otp.py --otp.
-module(library).
-behaviour(gen_server).
-export([main/0, init/1, handle_call/3, handle_cast/2, handle_info/2]).

main() ->
    show(fun server/0),
    show(fun tables/0),
    show(fun() -> [re:run("xabcab", "a(b)(c)?", [global, {capture, all, list}]), re:replace("hello", "l+", "<&>", [{return, list}]),
                   re:split("a,b;c", "[,;]", [{return, binary}])] end),
    show(fun() -> io_lib:format("~p ~w ~s ~ts ~.3f ~10b ~c~n", [{a, "b"}, "b", "text", [8364], 1.5, 42, $x]) end),
    show(fun() -> [maps:fold(fun(_, V, A) -> V + A end, 0, #{a => 1, b => 2}), string:casefold("ÄB"), string:split("a b c", " ", all)] end),
    show(fun() -> M = maps:from_list([{I, -I} || I <- lists:seq(1, 150)]), [K || {K, _} <- maps:to_list(maps:iterator(M, reversed))] end),
    show(fun() -> maps:next(maps:iterator(#{b => 1, a => 2}, ordered)) end),
    show(fun() -> {ok, T, _} = erl_scan:string("fun(X) -> X * 2 end."), {ok, E} = erl_parse:parse_exprs(T), {value, F, _} = erl_eval:exprs(E, []),
                  lists:map(F, [1, 2, 3]) end),
    show(fun() -> {ok, M, B} = compile:forms([{attribute, 1, module, made}, {attribute, 1, export, [{f, 1}]},
                                              {function, 1, f, 1, [{clause, 1, [{var, 1, 'X'}], [], [{op, 1, '+', {var, 1, 'X'}, {integer, 1, 1}}]}]}]),
                  {module, made} = code:load_binary(M, "made", B), [made:f(1), caught(fun() -> made:f(a) end)] end),
    show(fun() -> {ok, F} = file:open("text", [write, {encoding, utf8}]), io:put_chars(F, [228, 8364, $\n]), file:close(F), file:read_file("text") end),
    show(fun() -> binary_to_term(term_to_binary({self(), make_ref(), 1.5, #{a => "b"}}, [local])) =/= error end),
    show(fun() -> put(key, value), [process_info(self(), {dictionary, key}), process_info(self(), [{dictionary, other}, trap_exit]),
                                    process_info(whereis(init), {dictionary, none})] end),
    show(fun() -> process_info(self(), {other, key}) end),
    show(fun() -> [persistent_term:put(here, [1]), persistent_term:get(here), persistent_term:get(there, none), persistent_term:erase(here)] end),
    show(fun() -> {P, R} = spawn_monitor(fun() -> exit(reason) end), receive {'DOWN', R, process, P, Why} -> Why end end),
    show(fun sockets/0),
    show(fun options/0),
    show(fun() -> [prim_net:getservbyname("http", "tcp"), prim_net:getservbyname("no such", "tcp"), prim_net:getservbyport(80, "any")] end),
    show(fun() -> [erts_internal:term_to_string({a, "b", <<1, 2>>, 1.5}, undefined), caught(fun() -> erts_internal:term_to_string(a, 0) end)] end),
    show(fun() -> [erlang:display_string(stdout, "list\n"), erlang:display_string(stdout, <<"binary\n">>)] end),
    show(fun() -> erlang:display_string(nowhere, "text") end),
    later(list_to_integer(erlang:system_info(otp_release))).

%% Natives of one release, which others do not have.
later(Release) when Release >= 28 ->
    show(fun() -> {ok, E} = re:compile("a(b)", [export, caseless]), [element(1, E), element(3, E), element(4, E), re:run("xAB", re:import(E))] end),
    show(fun() -> re:import(none) end),
    show(fun() -> re:run("ab", "a", [export]) end),
    show(fun() -> [persistent_term:put_new(new, 1), persistent_term:put_new(new, 1), caught(fun() -> persistent_term:put_new(new, 2) end)] end),
    show(fun() -> process_flag(trap_exit, true), erlang:exit_signal(self(), reason, [priority]), receive {'EXIT', _, reason} -> got end end),
    show(fun() -> erlang:exit_signal(self(), reason, [nothing]) end),
    show(fun() -> erl_debugger:supported() end),
    show(fun() -> {try_atom("no atom is called so"), try_atom("ok")} end);
later(_) -> ok.

%% The compiler of OTP 29 makes a guard of it.
try_atom(Name) ->
    try list_to_existing_atom(Name) of
        Atom -> {atom, Atom}
    catch
        error:_ -> none
    end.

show(F) -> io:format("~tp~n", [caught(F)]).

caught(F) -> try F() catch Class:Reason -> {Class, Reason} end.

server() ->
    {ok, P} = gen_server:start_link(?MODULE, 1, []),
    gen_server:cast(P, {add, 2}),
    P ! {add, 3},
    Value = gen_server:call(P, value),
    [Value, gen_server:call(P, {stop, normal}), is_process_alive(P)].

init(N) -> {ok, N}.
handle_call(value, _, N) -> {reply, N, N};
handle_call({stop, Why}, _, N) -> {stop, Why, stopped, N}.
handle_cast({add, M}, N) -> {noreply, N + M}.
handle_info({add, M}, N) -> {noreply, N + M}.

tables() ->
    T = ets:new(table, [ordered_set, public]),
    ets:insert(T, [{I, I * I} || I <- lists:seq(1, 5)]),
    [ets:lookup(T, 3), ets:select(T, [{{'$1', '$2'}, [{'>', '$2', 5}], ['$1']}]), ets:match_object(T, {2, '_'}), ets:first(T), ets:info(T, size),
     ets:update_counter(T, 2, 10), caught(fun() -> ets:lookup(none, 1) end)].

sockets() ->
    {ok, L} = gen_tcp:listen(0, [{active, false}, {reuseaddr, true}, {packet, 2}, binary]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [{active, false}, {packet, 2}, binary, {nodelay, true}]),
    {ok, S} = gen_tcp:accept(L),
    ok = gen_tcp:send(C, [<<"some">>, " bytes"]),
    Received = gen_tcp:recv(S, 0, 2000),
    ok = gen_tcp:send(C, lists:duplicate(20000, $x)),
    {ok, Long} = gen_tcp:recv(S, 0, 2000),
    gen_tcp:close(C),
    Closed = gen_tcp:recv(S, 0, 2000),
    {ok, U} = gen_udp:open(0, [binary, {active, true}]),
    {ok, Own} = inet:port(U),
    ok = gen_udp:send(U, {127, 0, 0, 1}, Own, "datagram"),
    Datagram = receive {udp, U, _, Own, D} -> D after 2000 -> none end,
    [Received, byte_size(Long), Closed, Datagram].

options() ->
    {ok, L} = gen_tcp:listen(0, []),
    Names = [reuseaddr, keepalive, nodelay, packet] ++
        case erlang:system_info(otp_release) of
            "27" -> [reuseport, reuseport_lb, exclusiveaddruse];
            _ -> [reuseport, reuseport_lb, exclusiveaddruse, read_ahead, keepcnt, keepidle, keepintvl]
        end,
    [inet:getopts(L, Names), [inet:setopts(L, [{N, true}]) || N <- [reuseport, exclusiveaddruse]], inet:getopts(L, [reuseport, exclusiveaddruse])].
