%% Arguments at the edge of what is allowed, of many functions: each once differed from what OTP does with it.
-module(corner_cases).
-export([main/0]).

main() ->
    errors(),
    traces(),
    names_and_flags(),
    suspending(),
    spawning(),
    packets(),
    bits(),
    places().

t(F) ->
    io:format("~p~n", [try F() catch C:R:S -> {C, R, case S of [{M, N, A, I} | _] -> {M, N, plain(A), without_place(I)}; _ -> S end} end]).

%% With the text for the arguments.
text(F) ->
    io:format("~p~n", [try F() catch error:R:S ->
        I = without_place(element(4, hd(S))),
        {R, I, [erl_erts_errors:format_error(R, S) || lists:keymember(error_info, 1, I)]}
    end]).

plain(A) when is_list(A), length(A) >= 0 -> [case is_pid(X) of true -> pid; false -> X end || X <- A];
plain(A) -> A.

without_place(I) when is_list(I), length(I) >= 0 -> [X || X = {K, _} <- I, K =/= line, K =/= file];
without_place(I) -> I.

errors() ->
    [t(fun() -> erlang:error(foo, A) end) || A <- [[], [1], [1 | 2], none, a, {}]],
    [t(fun() -> erlang:error(foo, [1], O) end) || O <- [[], [{error_info, #{}}], [{error_info, #{}} | x], [{error_info, 1}], x]].

traces() ->
    [t(fun() -> erlang:raise(error, a, [E]) end)
     || E <- [{a, b, c}, {a, b, -1, []}, {a, b, 1.5, []}, {a, b, 1, [{line, x} | y]}, {a, b, 1, x}, {a, b, 1, []}, {a, b, [], []}, {a, b, [1 | 2], []},
              {1, b, 1, []}, {a, 1, 1, []}, {a, b}, {a}, {}, x, {a, b, 1, [], x}]],
    F = fun() -> ok end,
    [io:format("~p~n", [try erlang:raise(error, a, [E]) catch error:a:S -> setelement(1, hd(S), 'fun'); _:_ -> bad end])
     || E <- [{F, 0}, {F, foo}, {F, []}, {F, [1]}, {F, 0, []}, {F, [], x}, {F, a, [{line, 1}]}, {F}, {F, 0, [], []}]],
    [t(fun() -> erlang:raise(C, a, S) end) || C <- [error, foo], S <- [[], x, [x | y], [{a, b, 1, []} | x]]].

names_and_flags() ->
    text(fun() -> register(init, self()) end),
    register(?MODULE, self()),
    [text(fun() -> register(N, self()) end) || N <- [?MODULE, another, init]],
    unregister(?MODULE),
    {Dead, Live} = two(),
    [text(fun() -> process_flag(P, Flag, V) end) || P <- [Dead, Live, self(), foo, 1], Flag <- [save_calls, foo, trap_exit, 1], V <- [-1, 10001, true]],
    [text(fun() -> process_flag(save_calls, V) end) || V <- [-1, 10001, a]],
    %% What has been sent is there, though no receive has looked yet.
    self() ! foo,
    t(fun() -> process_info(self(), message_queue_len) end),
    t(fun() -> process_info(self(), [messages]) end),
    receive foo -> ok end.

two() ->
    {Dead, R} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', R, _, _, _} -> {Dead, spawn(fun() -> receive stop -> ok end end)} end.

next() -> receive M -> M after 30 -> none end.

suspending() ->
    {Dead, Live} = two(),
    [begin t(fun() -> erlang:suspend_process(P, O) end), t(fun next/0) end || P <- [Dead, self(), 0], O <- [[], [asynchronous], [{asynchronous, tag}], 0]],
    erlang:suspend_process(Live),
    R = monitor(process, Live),
    exit(Live, kill),
    receive {'DOWN', R, _, _, _} -> ok end,
    t(fun() -> erlang:resume_process(Live) end).

spawning() ->
    [begin erlang:spawn_request(fun() -> ok end, O), t(fun() -> case next() of none -> none; M -> {element(1, M), element(3, M)} end end) end
     || O <- [[{reply, no}, foo], [foo, {reply, no}], [{reply, success_only}, foo], [{min_heap_size, -1}, {reply, success_only}], [foo],
              [foo, {reply_tag, x}], [{reply, error_only}], [{reply, error_only}, foo]]],
    [text(fun() -> is_pid(spawn_opt(fun() -> ok end, O)) end)
     || O <- [[{min_heap_size, 200000}, {max_heap_size, 100000}], [{max_heap_size, 100000}, {min_heap_size, 100000}],
              [{max_heap_size, 100000}, {min_heap_size, 200000}], [{min_heap_size, 300}, {max_heap_size, 233}],
              [{max_heap_size, 0}, {min_heap_size, 200000}], [{max_heap_size, 300}]]].

packets() ->
    [io:format("~p ~p ~p ~p~n", [T, B, O, erlang:decode_packet(T, B, O)])
     || T <- [http, http_bin, httph, httph_bin], B <- [<<"GET / HTTP/1.1\r\n">>, <<"abc\n">>, <<"abc: d\n">>, <<"abc: d\nx">>, <<"abc">>, <<"abc: d">>],
        O <- [[{line_length, L}, {packet_size, S}] || L <- [0, 2, 4, 100], S <- [0, 3, 4, 5, 7, 100]]],
    [io:format("~p ~p ~p~n", [B, S, erlang:decode_packet(ssl_tls, B, [{packet_size, S}])])
     || B <- [<<128, 5, 1, 3, 1, 0, 0>>, <<128, 5, 1, 3, 1, 0, 0, 9>>, <<128, 9, 1, 3, 1>>, <<128, 2, 1, 3, 1>>, <<128, 3, 1, 3, 1>>, <<128, 3, 1, 3, 1, 0>>],
        S <- [0, 1, 2, 3, 4, 5, 6, 7, 8, 100]].

%% Sizes that are 0, or the atom that stands for the rest in the code.
bits() ->
    Zero = id(0), All = id(all), B = id(<<1, 2>>),
    t(fun() -> <<X:Zero/float, _/bits>> = B, X end),
    t(fun() -> <<X:Zero/little-float, Y:8, _/bits>> = B, {X, Y} end),
    t(fun() -> <<X:Zero/float>> = id(<<>>), X end),
    t(fun() -> <<B:All/binary>> end),
    t(fun() -> <<X:All/binary>> = B, X end),
    t(fun() -> <<X:All/bits, _/bits>> = B, X end),
    t(fun() -> <<_:All/binary, X/bits>> = B, X end),
    t(fun() -> <<1, B:All/bits, 2>> end),
    t(fun() -> <<B:All/integer>> end).

%% Code made of forms that name no file.
places() ->
    {ok, M, B} = compile:forms([{attribute, 1, module, no_file}, {attribute, 1, export, [{f, 1}]},
                                {function, 1, f, 1, [{clause, 1, [{integer, 1, 0}], [], [{atom, 1, ok}]}]}]),
    {module, M} = code:load_binary(M, "somewhere.beam", B),
    io:format("~p~n", [try M:f(id(1)) catch error:R:S -> {R, hd(S)} end]).

id(X) -> X.
