%% Every function of lists with usual, empty and wrong arguments; what it gives, or the error and the function that raises it.
-module(list_functions).
-export([main/0]).

main() ->
    L = [3, 1, 2],
    P = [{b, 2}, {a, 1}, {c, 3}],
    Even = fun(X) -> X rem 2 =:= 0 end,
    Calls = [{all, [Even, L]}, {any, [Even, L]}, {append, [[L, [4]]]}, {append, [L, tail]}, {concat, [["a", 1, b, 2.5]]}, {delete, [1, L]}, {delete, [9, L]}, {droplast, [L]}, {droplast, [[]]},
             {dropwhile, [fun(X) -> X > 1 end, L]}, {duplicate, [3, x]}, {duplicate, [-1, x]}, {enumerate, [L]}, {enumerate, [10, L]}, {filter, [Even, L]}, {filter, [fun(X) -> X end, L]},
             {filtermap, [fun(X) -> X > 1 andalso {true, X * 10} end, L]}, {flatlength, [[1, [2, [3]]]]}, {flatmap, [fun(X) -> [X, X] end, L]}, {flatten, [[1, [2, [], [3 , [4]]]]]}, {flatten, [[1, [2]], [t]]},
             {flatten, [[1 | 2]]}, {foldl, [fun(X, A) -> [X | A] end, [], L]}, {foldr, [fun(X, A) -> [X | A] end, [], L]}, {foreach, [fun(X) -> X end, L]}, {foreach, [x, L]}, {join, [x, L]}, {join, [x, []]},
             {keydelete, [a, 1, P]}, {keyfind, [2, 2, P]}, {keyfind, [x, 1, [not_tuple | P]]}, {keyfind, [x, 0, P]}, {keymap, [fun(X) -> X * 2 end, 2, P]}, {keymember, [c, 1, P]}, {keymerge, [1, [{a, 1}], [{b, 2}]]},
             {keyreplace, [a, 1, P, new]}, {keyreplace, [a, 1, P, {new}]}, {keysort, [1, P]}, {keysort, [3, P]}, {keystore, [z, 1, P, {z}]}, {keytake, [b, 1, P]}, {keytake, [q, 1, P]}, {last, [L]}, {last, [[]]},
             {map, [fun(X) -> X + 1 end, L]}, {map, [fun(X) -> X + 1 end, [a]]}, {map, [fun(X, _) -> X end, L]}, {map, [fun(X) -> X end, [1 | 2]]}, {mapfoldl, [fun(X, A) -> {X + A, X} end, 0, L]},
             {mapfoldr, [fun(X, A) -> {X + A, X} end, 0, L]}, {max, [L]}, {max, [[]]}, {member, [1.0, L]}, {member, [x, [y | x]]}, {merge, [[1, 3], [2, 4]]}, {merge, [[[1], [2], [0, 5]]]}, {merge, [fun(A, B) -> A >= B end, [3, 1], [4, 2]]},
             {merge3, [[1], [2], [3]]}, {min, [L]}, {nth, [2, L]}, {nth, [0, L]}, {nth, [4, L]}, {nthtail, [3, L]}, {nthtail, [4, L]}, {partition, [Even, L]}, {prefix, [[3], L]}, {reverse, [L]}, {reverse, [L, tail]}, {reverse, [[1 | 2]]},
             {search, [Even, L]}, {search, [fun(_) -> false end, L]}, {seq, [1, 5]}, {seq, [5, 1]}, {seq, [1, 10, 3]}, {seq, [10, 1, -4]}, {seq, [1, 0]}, {seq, [1, 1, 0]}, {seq, [1, 2, 0]}, {seq, [1.0, 2]}, {sort, [[b, 1, {}, "", <<>>, 1.0, #{}]]},
             {sort, [fun(A, B) -> A > B end, L]}, {sort, [x]}, {split, [2, L]}, {split, [4, L]}, {split, [-1, L]}, {splitwith, [fun(X) -> X > 2 end, L]}, {sublist, [L, 2]}, {sublist, [L, 2, 5]}, {sublist, [L, 0, 1]}, {sublist, [L, 9, 1]}, {sublist, [L, -1]},
             {subtract, [[1, 2, 1, 3], [1, 3]]}, {subtract, [L, x]}, {suffix, [[2], L]}, {sum, [L]}, {sum, [[a]]}, {takewhile, [fun(X) -> X > 1 end, L]}, {ukeymerge, [1, [{a, 1}], [{a, 2}]]}, {ukeysort, [2, [{a, 1}, {b, 1}]]}, {umerge, [[1, 2], [2, 3]]},
             {umerge3, [[1], [1], [2]]}, {uniq, [[1, 2, 1, 1.0]]}, {uniq, [fun(X) -> X rem 2 end, [1, 2, 3]]}, {unzip, [[{1, a}, {2, b}]]}, {unzip, [[{1}]]}, {unzip3, [[{1, a, x}]]}, {usort, [[2, 1, 2.0, 2]]}, {usort, [fun(A, B) -> A rem 2 =< B rem 2 end, [1, 2, 3, 4]]},
             {zip, [L, [a, b, c]]}, {zip, [L, [a]]}, {zip3, [[1], [2], [3]]}, {zipwith, [fun(A, B) -> A * B end, L, L]}, {zipwith3, [fun(A, B, C) -> {A, B, C} end, [1], [2], [3]]}, {no_such, [1]}],
    [show(F, A) || {F, A} <- Calls],
    Big = [(X * 7919) rem 10007 || X <- lists:seq(1, 20000)],
    io:format("~p~n", [[erlang:phash2(V) || V <- [lists:sort(Big), lists:usort(Big), lists:reverse(Big), lists:sort(fun(A, B) -> A >= B end, Big), lists:keysort(2, [{x, B} || B <- Big]), Big -- lists:seq(1, 5000),
                                             lists:merge(lists:sort(Big), lists:seq(1, 100)), lists:uniq(Big), lists:flatten([[B, [B]] || B <- Big])]]]).

show(F, A) ->
    Result = try apply(lists, F, A)
             catch C:R:S -> {C, R, [{M, G, if is_list(Arity) -> length(Arity); true -> Arity end} || {M, G, Arity, _} <- lists:sublist(S, 2), M =/= ?MODULE]}
             end,
    io:format("~-12s ~p~n", [F, Result]).
