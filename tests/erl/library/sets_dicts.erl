%% sets (both versions), ordsets, dict, orddict, gb_trees, gb_sets.
-module(sets_dicts).
-export([main/0]).

main() ->
    S = sets:from_list([c, a, b, a]), S2 = sets:from_list([1, 2, 2], [{version, 2}]),
    io:format("~p~n", [[lists:sort(sets:to_list(S)), sets:size(S), sets:is_element(a, S), S2, sets:is_subset(sets:new(), S), lists:sort(sets:to_list(sets:union(S, S2)))]]),
    io:format("~p~n", [[ordsets:union([1, 3], [2]), ordsets:subtract([1, 2, 3], [2]), ordsets:intersection([a, b], [b])]]),
    D = dict:from_list([{I, I * I} || I <- lists:seq(1, 100)]),
    io:format("~p~n", [[dict:fetch(50, D), dict:size(D), dict:find(500, D), dict:fold(fun(_, V, A) -> V + A end, 0, D), catch dict:fetch(no, D)]]),
    io:format("~p~n", [lists:sort(dict:to_list(dict:update_counter(1, 5, dict:filter(fun(K, _) -> K < 4 end, D))))]),
    io:format("~p~n", [dict:to_list(dict:from_list([{a, 1}, {b, 2}, {"c", 3}]))]),
    io:format("~p~n", [[orddict:store(b, 2, [{a, 1}, {c, 3}]), orddict:update_counter(a, 1, [{a, 1}])]]),
    T = gb_trees:from_orddict([{I, {I}} || I <- lists:seq(1, 20)]),
    io:format("~p~n", [[gb_trees:get(7, T), gb_trees:smallest(T), gb_trees:largest(T), gb_trees:lookup(21, T), gb_trees:keys(gb_trees:delete(7, T)), gb_trees:insert(b, 1, gb_trees:empty())]]),
    io:format("~p~n", [gb_sets:to_list(gb_sets:union(gb_sets:from_list([3, 1]), gb_sets:from_list([2, 3])))]).
