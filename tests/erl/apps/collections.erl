%% The same phone book in dict, orddict, gb_trees, maps, ets, proplists, array and queue; sets of all kinds; they agree.
-module(collections).
-export([main/0]).

main() ->
    Pairs = [{list_to_atom([A, B]), 100 * A + B} || A <- "dacb", B <- "zyx"],
    Dict = dict:from_list(Pairs),
    Tree = gb_trees:from_orddict(lists:keysort(1, Pairs)),
    Map = maps:from_list(Pairs),
    Ord = orddict:from_list(Pairs),
    Table = ets:new(book, [ordered_set]),
    true = ets:insert(Table, Pairs),
    Lists = [lists:sort(dict:to_list(Dict)), gb_trees:to_list(Tree), lists:sort(maps:to_list(Map)), Ord, ets:tab2list(Table)],
    io:format("~p ~p~n", [length(lists:usort(Lists)), hd(Lists)]),
    io:format("~p~n", [[dict:find(ax, Dict), gb_trees:lookup(ax, Tree), maps:find(ax, Map), orddict:find(ax, Ord), ets:lookup(Table, ax), proplists:get_value(ax, Pairs)]]),
    [io:format("~p~n", [try F() catch C:R -> {C, R} end]) || F <- [fun() -> dict:fetch(no, Dict) end, fun() -> gb_trees:get(no, Tree) end, fun() -> maps:get(no, Map) end, fun() -> orddict:fetch(no, Ord) end,
        fun() -> ets:lookup_element(Table, no, 2) end, fun() -> gb_trees:insert(ax, 1, Tree) end, fun() -> gb_trees:delete(no, Tree) end, fun() -> gb_trees:smallest(gb_trees:empty()) end,
        fun() -> queue:get(queue:new()) end, fun() -> array:get(-1, array:new()) end, fun() -> maps:update(no, 1, Map) end, fun() -> maps:merge(Map, []) end, fun() -> array:set(3, x, array:new(2)) end,
        fun() -> dict:append(ax, 1, Dict) end, fun() -> sets:from_list(a) end, fun() -> orddict:append(ax, 1, Ord) end]],
    io:format("~p~n", [lists:sort(dict:to_list(dict:filter(fun(K, V) -> K > by andalso V rem 2 =:= 0 end, dict:map(fun(_, V) -> V - 1 end, Dict))))]),
    io:format("~p~n", [dict:fold(fun(_, V, S) -> V + S end, 0, Dict) =:= maps:fold(fun(_, V, S) -> V + S end, 0, Map)]),
    Merged = dict:merge(fun(_, A, B) -> A * B end, Dict, dict:from_list([{ax, 2}, {new, 1}])),
    io:format("~p~n", [{dict:size(Merged), dict:fetch(ax, Merged), dict:is_key(new, Merged), lists:sort(dict:fetch_keys(dict:erase(ax, Merged)))}]),
    {Smallest, V, Tree2} = gb_trees:take_smallest(Tree),
    io:format("~p~n", [{Smallest, V, gb_trees:size(Tree2), gb_trees:largest(Tree2), gb_trees:balance(Tree2) =/= error}]),
    I0 = gb_trees:iterator_from(cx, Tree),
    io:format("~p~n", [walk(gb_trees:next(I0))]),
    Big = lists:foldl(fun(N, T) -> gb_trees:enter(N * 7919 rem 10007, N, T) end, gb_trees:empty(), lists:seq(1, 2000)),
    io:format("~p~n", [{gb_trees:size(Big), erlang:phash2(gb_trees:to_list(Big)), gb_trees:keys(Big) =:= lists:sort(gb_trees:keys(Big))}]),
    sets(),
    queues(),
    arrays(),
    proplist(),
    io:format("~p~n", [maps:groups_from_list(fun(N) -> N rem 3 end, lists:seq(1, 10))]),
    io:format("~p~n", [maps:next(maps:iterator(#{a => 1}))]),
    io:format("~p~n", [{maps:intersect_with(fun(K, A, B) -> {K, A, B} end, #{a => 1, b => 2}, #{b => 3, c => 4}), maps:merge_with(fun(_, A, B) -> A + B end, #{a => 1}, #{a => 2, b => 3}),
                        maps:filtermap(fun(_, N) when N > 1 -> {true, N * 10}; (_, _) -> false end, #{a => 1, b => 2}), maps:with([a, z], #{a => 1, b => 2}), maps:take(a, #{a => 1})}]).

walk(none) -> [];
walk({K, _, I}) -> [K | walk(gb_trees:next(I))].

sets() ->
    [begin
         A = M:from_list([3, 1, 2, 3.0, a]),
         B = M:from_list([2, 3, b]),
         L = fun(S) -> lists:sort(M:to_list(S)) end,
         io:format("~p ~w~n", [M, [L(M:union(A, B)), L(M:intersection(A, B)), L(M:subtract(A, B)), M:is_element(3, A), M:size(A), M:is_subset(B, A), M:is_disjoint(A, M:new()),
                                   L(M:filter(fun is_integer/1, A)), lists:sort(M:fold(fun(X, Acc) -> [X | Acc] end, [], A)), L(M:add_element(z, M:del_element(a, A)))]])
     end || M <- [sets, ordsets, gb_sets]],
    S2 = sets:from_list([1, 2, 3], [{version, 2}]),
    io:format("~p ~p~n", [S2, sets:to_list(sets:union(S2, sets:from_list([3, 4])))]),
    F = sofs:relation([{a, 1}, {b, 2}, {a, 3}]),
    io:format("~p~n", [[sofs:to_external(X) || X <- [sofs:domain(F), sofs:range(F), sofs:converse(F), sofs:image(F, sofs:set([a])), sofs:relation_to_family(F)]]]).

queues() ->
    Q = lists:foldl(fun queue:in/2, queue:new(), lists:seq(1, 6)),
    {{value, 1}, Q1} = queue:out(Q),
    {{value, 6}, Q2} = queue:out_r(Q1),
    io:format("~p~n", [[queue:to_list(Q2), queue:peek(Q2), queue:peek_r(Q2), queue:len(Q2), queue:member(3, Q2), queue:to_list(queue:reverse(Q2)), queue:to_list(queue:filter(fun(X) -> X > 3 end, Q2)),
                        queue:to_list(queue:join(Q2, queue:from_list([x]))), {queue:to_list(element(1, queue:split(2, Q2)))}, queue:fold(fun(X, S) -> X + S end, 0, Q2), queue:any(fun(X) -> X =:= 4 end, Q2),
                        queue:to_list(queue:delete(3, Q2)), queue:is_queue(Q2), queue:is_empty(queue:new()), queue:to_list(queue:cons(0, queue:tail(Q2)))]]).

arrays() ->
    A = array:from_list([a, b, c], none),
    B = array:set(20, far, A),
    io:format("~p~n", [[array:size(B), array:get(10, B), array:sparse_to_orddict(B), array:size(array:resize(2, B)), array:to_list(array:resize(5, array:relax(A))), array:default(B),
                        array:foldl(fun(I, V, S) -> [{I, V} | S] end, [], A), array:sparse_size(B), array:is_fix(array:fix(B)), array:to_list(array:map(fun(I, V) -> {V, I} end, A)), array:to_orddict(array:reset(1, A))]]).

proplist() ->
    P = [a, {b, 1}, {c, 2, 3}, {b, 4}, {a, false}, "junk", {d, [x]}],
    io:format("~p~n", [[proplists:get_value(a, P), proplists:get_all_values(b, P), proplists:get_bool(a, P), proplists:lookup(c, P), proplists:lookup_all(b, P), proplists:is_defined(zz, P), proplists:delete(b, P),
                        proplists:compact([{a, true}, {b, 1}]), proplists:unfold([a, {b, 1}]), proplists:expand([{a, [x, y]}], [a, b]), proplists:substitute_aliases([{b, bee}], [{b, 1}]), proplists:split(P, [b]),
                        proplists:normalize([no_x], [{negations, [{no_x, x}]}]), proplists:to_map([a, {b, 2}, {b, 3}]), proplists:get_keys([a, {b, 1}, {a, 2}]), proplists:append_values(d, [{d, [1]}, {d, 2}])]]).
