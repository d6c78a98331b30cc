%% Insertion, lookup, deletion, counters and element updates for all types of tables.
-module(objects).
-export([main/0]).

main() ->
    B = ets:new(b, [bag]),
    D = ets:new(d, [duplicate_bag]),
    S = ets:new(s, [set]),
    O = ets:new(o, [ordered_set]),
    [begin
         [ets:insert(T, {a, I}) || I <- [1, 2, 3, 4, 2, 5]],
         p([ets:lookup(T, a), ets:lookup_element(T, a, 2), ets:match(T, {a, '$1'}), ets:match_object(T, {a, '_'})]),
         p(ets:delete_object(T, {a, 2})),
         p([ets:lookup(T, a), ets:tab2list(T), ets:take(T, a), ets:take(T, a)])
     end || T <- [B, D]],
    p(ets:insert_new(S, [{b, 1}, {b, 2}, {b, 1}])), p(ets:lookup(S, b)),
    p(ets:insert_new(S, [{c, 1}, {b, 2}])), p(ets:lookup(S, c)),
    p(ets:insert_new(O, [{c, 1}, {b, 2}, {b, 1}])),
    p([ets:first(O), ets:last(O), ets:next(O, b), ets:prev(O, c), ets:next(O, c), ets:prev(O, b), ets:next(O, bb)]),
    ets:insert(O, [{1.0, f}, {1, i}]),
    p([ets:lookup(O, 1), ets:lookup(O, 1.0), ets:member(O, 1.0), ets:delete_object(O, {1.0, i}), ets:lookup(O, 1)]),
    p([ets:select(O, [{{1.0, '$1'}, [], ['$1']}]), ets:match_object(O, {1, '_'})]),
    p([ets:update_element(O, 1.0, {2, zz}), ets:lookup(O, 1), ets:take(O, 1.0), ets:take(O, 1.0)]),
    ets:insert(S, {x, 1, 2}),
    p([ets:update_element(S, x, [{2, q}, {2, r}, {3, "text"}]), ets:lookup(S, x)]),
    ets:insert(S, {x, 1, 2}),
    [p([catch ets:update_counter(S, x, Op), ets:lookup(S, x)]) || Op <-
        [1, {3, 10}, {2, 1 bsl 70}, {2, 1, 1 bsl 69, 3}, {2, -10, -3, 0}, {2, 0, 5, 9}, [{2, 1}, {3, 1, 3, 0}], [], {2, 1 bsl 100}, {2, 0}, {2, -(1 bsl 100)}]],
    K = ets:new(k, [{keypos, 2}]),
    ets:insert(K, {1, x, 3}),
    p([ets:update_counter(K, x, 1), ets:update_counter(K, y, {1, 1}, {5, foo}), ets:lookup(K, y), ets:update_counter(K, yy, [], {5, 6}), ets:lookup(K, yy)]),
    W = ets:new(w, [ordered_set]),
    Bin = binary:copy(<<"x">>, 1000),
    Objects = [{k1, Bin}, {k2, "str", #{a => 1, b => [1, {2}]}, fun lists:map/2, fun() -> Bin end}, {k3, make_ref(), self(), 1.5, 1 bsl 200, -1.0e300},
               {k4, binary:part(Bin, 3, 100), <<1:3>>, binary:part(Bin, 0, 10)}, {k5, maps:from_list([{X, X} || X <- lists:seq(1, 100)])}, {k6, W}],
    [begin
         ets:insert(W, Objects),
         erlang:garbage_collect(),
         p([[Object] =:= ets:lookup(W, element(1, Object)) || Object <- Objects])
     end || _ <- [1, 2]],
    ets:insert(W, {same_size, 1, 2}), ets:insert(W, {same_size, 3, 4}), ets:insert(W, {same_size, "no", 4}), ets:insert(W, {same_size, 5, 6}),
    p(ets:lookup(W, same_size)),
    p(ets:lookup(binary_to_term(term_to_binary(W)), k6) =:= [{k6, W}]),
    ets:delete(W, k1),
    p([ets:member(W, k1), ets:info(W, size), ets:tab2list(W) =:= tl(Objects) ++ [{same_size, 5, 6}]]),
    p([ets:delete_all_objects(W), ets:info(W, size), ets:first(W), ets:last(W), ets:tab2list(W)]),
    p([ets:foldl(fun({X}, A) -> X + A end, 0, T) || T <- [begin T = ets:new(f, [Type]), ets:insert(T, [{I} || I <- lists:seq(1, 100)]), T end || Type <- [set, ordered_set]]]).

p(X) -> io:format("~p~n", [X]).
