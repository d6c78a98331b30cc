%% A tour of the lists module.
-module(lists_module).
-export([main/0]).

main() ->
    L = [3, 1, 2, 5, 4],
    io:format("~p~n", [[lists:sort(L), lists:sort(fun(A, B) -> A > B end, L), lists:nth(2, L), lists:last(L), lists:sum(L), lists:max(L),
                        lists:min(L), lists:foldl(fun(X, A) -> [X | A] end, [], L), lists:foldr(fun(X, A) -> X - A end, 0, L)]]),
    io:format("~p~n", [[lists:zip([1, 2], [a, b]), lists:unzip3([{1, 2, 3}]), lists:partition(fun(X) -> X > 2 end, L), lists:splitwith(fun(X) -> X > 2 end, L),
                        lists:sublist(L, 2, 3), lists:flatten([1, [2, [3, [[]]]], 4]), lists:append([[1], [2], [3]]), lists:concat([a, 1, "s", 2.5])]]),
    io:format("~p~n", [[lists:keysort(2, [{a, 2}, {b, 1}]), lists:keydelete(a, 1, [{a, 1}]), lists:keystore(c, 1, [{a, 1}], {c, 3}), lists:keymerge(1, [{1, a}], [{1, b}]),
                        lists:umerge([1, 3], [1, 2]), lists:merge([1, 3], [2]), lists:usort([1, 1.0, 1]), lists:mapfoldl(fun(X, S) -> {X * 2, S + X} end, 0, L)]]),
    io:format("~p~n", [[lists:prefix("ab", "abc"), lists:suffix("bc", "abc"), lists:delete(1, L), lists:duplicate(3, x), lists:enumerate([a, b]), lists:nthtail(2, L),
                        lists:split(2, L), lists:takewhile(fun(X) -> X =/= 2 end, L), lists:all(fun is_integer/1, L), lists:any(fun is_atom/1, L), lists:join(x, [1, 2, 3]), lists:search(fun(X) -> X > 3 end, L)]]),
    io:format("~p~n", [[lists:sort([{X rem 7, X} || X <- lists:seq(1, 60)]) =:= lists:usort([{X rem 7, X} || X <- lists:seq(60, 1, -1)])]]),
    io:format("~p~n", [[catch lists:seq(1, 0), catch lists:seq(1, -1), lists:seq(10, 1, -3), catch lists:nth(9, L), catch lists:zip([1], [])]]).
