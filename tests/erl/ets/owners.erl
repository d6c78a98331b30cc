%% Owners, heirs, transfers, names, protection, fixed tables, what info tells.
-module(owners).
-export([main/0]).

main() ->
    Me = self(),
    S = ets:new(s, []),
    ets:insert(S, {x, 1}),
    Taker = spawn(fun() -> receive {A, T, F, G} -> Me ! {got, A, T =:= S, F =:= Me, G, ets:lookup(T, x)} end, receive stop -> ok end end),
    p(ets:give_away(S, Taker, gift)),
    receive Got -> p(Got) end,
    p([ets:info(S, owner) =:= Taker, ets:info(S, protection), ets:lookup(S, x), catch_error(fun() -> ets:insert(S, {y}) end)]),
    {_, Down} = spawn_monitor(fun() -> link(Taker), exit(kill_it) end),
    receive {'DOWN', Down, _, _, _} -> ok end,
    wait(fun() -> ets:info(S) =:= undefined end),
    p(catch_error(fun() -> ets:lookup(S, x) end)),
    process_flag(trap_exit, true),
    spawn_link(fun() -> T = ets:new(t, [{heir, Me, {hd, [1, 2]}}]), ets:insert(T, {1}) end),
    receive {'ETS-TRANSFER', T1, P1, D1} -> p([is_pid(P1), D1, ets:lookup(T1, 1), ets:info(T1, owner) =:= Me]) end,
    receive {'EXIT', _, R1} -> p(R1) end,
    spawn_link(fun() -> T = ets:new(t, [named_table, {heir, Me, x}]), ets:setopts(T, {heir, none}) end),
    receive {'EXIT', _, R2} -> p([R2, ets:info(t)]) end,
    spawn_link(fun() -> T = ets:new(t, [named_table]), ets:setopts(T, {heir, Me, named}) end),
    receive {'ETS-TRANSFER', T2, _, D2} -> p([T2, D2]) end,
    receive {'EXIT', _, R3} -> p(R3) end,
    Heirs = [spawn_monitor(fun() -> H = spawn(fun() -> ok end), ets:new(chain, [{heir, H, I}]) end) || I <- lists:seq(1, 300)],
    [receive {'DOWN', R, _, _, _} -> ok end || {_, R} <- Heirs],
    wait(fun() -> [C || C <- ets:all(), ets:info(C, name) =:= chain] =:= [] end),
    %% names
    p([ets:rename(ets:new(q, [named_table]), qq), ets:info(qq, name), ets:info(q), ets:info(ets:whereis(qq), id) =:= ets:whereis(qq), ets:whereis(q)]),
    Z = ets:new(q, [private]),
    p([ets:rename(Z, qq) =:= Z, ets:info(Z, name), ets:delete(Z), catch_error(fun() -> ets:delete(Z) end), lists:member(qq, ets:all())]),
    p([ets:delete(qq), ets:whereis(qq), ets:new(qq, [named_table]), lists:member(qq, ets:all())]),
    %% what info tells
    [p([concurrent(I, Options) || {Key, _} = I <- ets:info(ets:new(q, Options)), Key =/= id, Key =/= memory, Key =/= owner]) || Options <-
        [[], [private], [public, {write_concurrency, true}], [ordered_set, {write_concurrency, true}, {keypos, 3}], [bag, {write_concurrency, auto}],
         [private, {write_concurrency, true}, {read_concurrency, true}], [duplicate_bag, compressed, {decentralized_counters, true}],
         [{write_concurrency, true}, {decentralized_counters, true}, {read_concurrency, true}]]],
    %% fixed tables
    Q = ets:new(q, [public]),
    ets:insert(Q, [{I} || I <- lists:seq(1, 10)]),
    ets:safe_fixtable(Q, true), ets:safe_fixtable(Q, true),
    First = ets:first(Q),
    ets:delete(Q, First),
    p([is_integer(ets:next(Q, First)), ets:info(Q, size), ets:info(Q, fixed), element(2, ets:info(Q, safe_fixed)) =:= [{Me, 2}], length(ets:tab2list(Q)), ets:member(Q, First)]),
    ets:insert(Q, {First}), p([ets:info(Q, size), ets:member(Q, First)]), ets:delete(Q, First),
    ets:safe_fixtable(Q, false), p(ets:info(Q, fixed)), ets:safe_fixtable(Q, false), p(ets:info(Q, fixed)),
    p([catch_error(fun() -> ets:next(Q, First) end), ets:info(Q, safe_fixed)]),
    spawn_link(fun() -> ets:safe_fixtable(Q, true), Me ! fixed, receive stop -> ok end end),
    receive fixed -> p(ets:info(Q, fixed)) end,
    {links, Links} = process_info(Me, links),
    [L ! stop || L <- Links, is_pid(L)],
    receive {'EXIT', _, R4} -> p([R4, ets:info(Q, fixed)]) end,
    ets:safe_fixtable(Q, true), p([ets:delete_all_objects(Q), ets:info(Q, size), ets:tab2list(Q)]), ets:safe_fixtable(Q, false),
    p([ets:insert(Q, {1}), ets:tab2list(Q)]).

%% With one scheduler there is nothing to be concurrent with, and erl forgets what it was asked for.
concurrent({Key, false}, Options) when Key =:= write_concurrency; Key =:= decentralized_counters ->
    {Key, not lists:member(private, Options) andalso erlang:system_info(schedulers) =:= 1 andalso asked(Key, Options)};
concurrent(Item, _) -> Item.

asked(write_concurrency, Options) -> proplists:get_value(write_concurrency, Options, false);
asked(decentralized_counters, Options) ->
    case asked(write_concurrency, Options) of
        true -> proplists:get_value(decentralized_counters, Options, lists:member(ordered_set, Options));
        Auto -> Auto =:= auto
    end.

wait(F) -> case F() of true -> ok; false -> timer:sleep(5), wait(F) end.

catch_error(F) -> try F() catch error:R -> {error, R} end.

p(X) -> io:format("~p~n", [X]).
