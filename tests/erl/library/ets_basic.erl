%% ets: insert, lookup, match, select, ordered_set, counters.
-module(ets_basic).
-export([main/0]).

main() ->
    T = ets:new(t, [set]),
    O = ets:new(o, [ordered_set, public, named_table]),
    B = ets:new(b, [bag]),
    true = ets:insert(T, [{a, 1}, {b, 2}]),
    [ets:insert(O, {I, I * I}) || I <- lists:seq(20, 1, -1)],
    ets:insert(B, [{k, 1}, {k, 2}, {k, 1}]),
    io:format("~p~n", [[ets:lookup(T, a), ets:lookup(T, z), ets:member(T, b), ets:insert_new(T, {a, 9}), ets:update_counter(T, a, 5), ets:lookup_element(T, a, 2), ets:info(T, size), ets:lookup(B, k)]]),
    io:format("~p~n", [[O, ets:first(O), ets:next(O, 5), ets:last(O), ets:prev(O, 1), length(ets:tab2list(O)), ets:match(O, {'$1', 25}), ets:select(O, [{{'$1', '$2'}, [{'<', '$2', 20}], ['$1']}]), ets:foldl(fun({_, V}, A) -> A + V end, 0, O)]]),
    io:format("~p~n", [[ets:select_count(O, [{{'$1', '_'}, [{'>', '$1', 10}], [true]}]), ets:select_delete(O, [{{'$1', '_'}, [{'>', '$1', 10}], [true]}]), ets:take(T, b), ets:delete(T, a), ets:tab2list(T), ets:delete(T), catch_it(fun() -> ets:lookup(T, a) end)]]),
    io:format("~p~n", [ets:whereis(nope)]).

catch_it(F) -> try F() catch C:R -> {C, R} end.
