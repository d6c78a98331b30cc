-module(tree_modules).
-export([main/0]).
%% gb_trees, gb_sets, orddict, dict, ordsets, sets, array, queue: their less common functions.
main() ->
    T = lists:foldl(fun(K, A) -> gb_trees:insert(K, K * K, A) end, gb_trees:empty(), lists:seq(1, 20)),
    io:format("~p~n", [[gb_trees:size(T), gb_trees:lookup(3, T), gb_trees:lookup(99, T), gb_trees:smallest(T), gb_trees:largest(T)]]),
    {V, T1} = gb_trees:take(5, T),
    io:format("~p~n", [{V, gb_trees:is_defined(5, T1), gb_trees:keys(gb_trees:balance(T1))}]),
    I = gb_trees:iterator_from(17, T1),
    io:format("~p~n", [walk(gb_trees:next(I))]),
    io:format("~p~n", [catch gb_trees:insert(1, x, T)]),
    io:format("~p~n", [catch gb_trees:get(99, T)]),
    S = gb_sets:from_list([c, a, b, a]),
    io:format("~p~n", [{gb_sets:to_list(S), gb_sets:is_subset(gb_sets:from_list([a]), S), gb_sets:take_largest(S)}]),
    io:format("~p~n", [gb_sets:fold(fun(X, A) -> [X | A] end, [], gb_sets:union(S, gb_sets:singleton(z)))]),
    O = orddict:from_list([{b, 1}, {a, 2}]),
    io:format("~p~n", [{orddict:update_counter(a, 5, O), orddict:merge(fun(_, X, Y) -> X + Y end, O, O), orddict:find(q, O)}]),
    D = dict:from_list([{I1, I1} || I1 <- lists:seq(1, 100)]),
    io:format("~p~n", [{dict:size(D), lists:sort(dict:fetch_keys(dict:filter(fun(K, _) -> K rem 10 == 0 end, D))), dict:fold(fun(_, X, A) -> X + A end, 0, D)}]),
    io:format("~p~n", [catch dict:fetch(zzz, D)]),
    A = array:set(7, seven, array:new([{default, none}])),
    io:format("~p~n", [{array:size(A), array:get(3, A), array:sparse_to_orddict(A), array:to_list(array:resize(4, A))}]),
    io:format("~p~n", [catch array:get(-1, A)]),
    Q = queue:from_list([1, 2, 3]),
    io:format("~p~n", [{queue:out(Q), queue:to_list(queue:reverse(Q)), queue:peek_r(Q), queue:split(2, Q), queue:member(2, Q), queue:len(Q)}]),
    io:format("~p~n", [queue:to_list(queue:filtermap(fun(X) -> X > 1 andalso {true, X * 10} end, Q))]),
    io:format("~p~n", [catch queue:get(queue:new())]),
    Se = sets:from_list([1, 2, 3], [{version, 2}]),
    io:format("~p~n", [{lists:sort(sets:to_list(sets:subtract(Se, sets:from_list([2])))), sets:is_disjoint(Se, Se)}]),
    io:format("~p~n", [ordsets:union([[a], [c], [b]])]),
    io:format("~p~n", [proplists:expand([{foo, [bar, baz]}], [foo, x])]),
    io:format("~p~n", [[catch maps:get(a, #{}), catch maps:from_list([a])]]).
walk(none) -> [];
walk({K, _, I}) -> [K | walk(gb_trees:next(I))].
