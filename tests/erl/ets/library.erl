%% What ets.erl makes of the BIFs: folds, init_table, continuations that went through the external term format, qlc.
-module(library).
-include_lib("stdlib/include/qlc.hrl").
-export([main/0]).

main() ->
    [types(Type) || Type <- [set, ordered_set, bag, duplicate_bag]],
    T = ets:new(t, [ordered_set]),
    init(T),
    p(ets:tab2list(T)),
    [p(try ets:init_table(T, F) catch C:R -> {C, R} end) || F <- [fun(read) -> foo; (close) -> ok end, fun(read) -> throw(x); (close) -> closed end]],
    init(T),
    continuations(T),
    qlc(T),
    p([ets:match_delete(T, {'_', 1}), ets:info(T, size), ets:delete_all_objects(T), ets:tab2list(T)]),
    p([catch ets:test_ms(X, S) || X <- [{a, 1}, {b, 2}, x], S <- [[{{a, '$1'}, [], ['$1']}], [{'$1', [{is_atom, '$1'}], [yes]}], [{'_', [], ['$1']}], foo]]),
    M = ets:match_spec_compile([{{'$1', '$2'}, [{'>', '$2', 1}], ['$1']}]),
    p([ets:match_spec_run(L, M) || L <- [[], [{a, 1}, {b, 2}, {c, 3}, d]]]),
    p([try ets:match_spec_run(L, Q) catch error:R -> R end || {L, Q} <- [{foo, M}, {[{b, 2} | x], M}, {[], make_ref()}]]),
    all().

init(T) -> ets:init_table(T, reader(0)).

reader(5) -> fun(read) -> end_of_input; (close) -> ok end;
reader(N) -> fun(read) -> {[{{N, I}, I rem 3} || I <- lists:seq(1, 4)], reader(N + 1)}; (close) -> ok end.

types(Type) ->
    T = ets:new(t, [Type]),
    ets:insert(T, [{I rem 5, I} || I <- lists:seq(1, 12)]),
    p(ets:foldl(fun(X, A) -> [X | A] end, [], T)),
    p(ets:foldr(fun(X, A) -> [X | A] end, [], T)),
    p(walk(T, ets:first(T))),
    p([ets:match_object(T, {3, '_'}), ets:match_delete(T, {2, '_'}), ets:info(T, size), ets:select_delete(T, [{{1, '$1'}, [], [{'>', '$1', 5}]}]), ets:info(T, size)]),
    p(try ets:foldl(fun(_, _) -> throw(out) end, [], T) catch throw:out -> ets:info(T, safe_fixed) end),
    T.

walk(_, '$end_of_table') -> [];
walk(T, K) -> [K | walk(T, ets:next(T, K))].

continuations(T) ->
    Spec = [{{'$1', 1}, [], ['$1']}],
    {L1, C1} = ets:select(T, Spec, 3),
    p(L1),
    p(tuple_size(C1)),
    p(chunks(C1)),
    C2 = binary_to_term(term_to_binary(C1)),
    p(chunks(ets:repair_continuation(C2, Spec))),
    p(ets:repair_continuation('$end_of_table', Spec)),
    {L3, C3} = ets:select_reverse(T, [{{{3, '$1'}, '_'}, [], ['$1']}], 2),
    p({L3, element(1, ets:select(C3))}),
    {L4, C4} = ets:match(T, {{'_', 2}, '$1'}, 2),
    p({L4, element(1, ets:match(C4))}),
    {L5, C5} = ets:match_object(T, {{1, '_'}, '_'}, 3),
    p({L5, ets:match_object(C5), ets:match_object(T, {{77, '_'}, '_'}, 3)}),
    %% what is deleted and inserted meanwhile
    {L6, C6} = ets:select(T, [{{'$1', '_'}, [], ['$1']}], 5),
    ets:delete(T, lists:last(L6)), ets:delete(T, {2, 1}), ets:insert(T, {{0, 0}, x}), ets:insert(T, {{2, 1.5}, x}),
    p({L6, chunks(C6)}),
    S = ets:new(s, []),
    ets:insert(S, [{I, I rem 2} || I <- lists:seq(1, 100)]),
    {S1, SC} = ets:select(S, [{{'$1', 0}, [], ['$1']}], 7),
    p(S1 ++ chunks(SC)),
    SC2 = binary_to_term(term_to_binary(SC)),
    p(S1 ++ chunks(ets:repair_continuation(SC2, [{{'$1', 0}, [], ['$1']}]))),
    ets:delete(S),
    p(try ets:select(SC) catch error:R -> R end).

chunks('$end_of_table') -> [];
chunks({_, _, _, _, _, _} = C) -> chunks(ets:select(C));
chunks({_, _, _, _, _, _, _, _} = C) -> chunks(ets:select(C));
chunks({L, C}) -> L ++ chunks(C).

qlc(T) ->
    p(qlc:e(qlc:q([X || {X, 1} <- ets:table(T)]))),
    p(qlc:e(qlc:q([{X, Y} || {{X, Y}, _} <- ets:table(T, {n_objects, 2}), X =:= 2, Y > 1]))),
    p(qlc:e(qlc:q([X || {X, _} <- ets:table(T, {traverse, first_next}), element(1, X) < 2]))),
    p(qlc:e(qlc:q([X || {X, _} <- ets:table(T, {traverse, last_prev}), element(1, X) < 2]))),
    p(qlc:e(qlc:q([X || X <- ets:table(T, {traverse, {select, [{{{'$1', 1}, '_'}, [], ['$1']}]}})]))),
    p(qlc:e(qlc:q([{A, B} || {{A, 1}, _} <- ets:table(T), {{B, 2}, _} <- ets:table(T), A =:= B]))),
    C = qlc:cursor(qlc:q([X || {X, _} <- ets:table(T, [{n_objects, 3}])])),
    p(qlc:next_answers(C, 4)),
    p(qlc:next_answers(C, 2)),
    qlc:delete_cursor(C).

all() ->
    Before = length(ets:all()),
    A = ets:new(some_name, [named_table]), B = ets:new(unnamed, []),
    p([length(ets:all()) - Before, lists:member(A, ets:all()), lists:member(B, ets:all())]),
    ets:delete(B),
    p([length(ets:all()) - Before, lists:member(B, ets:all())]).

p(X) -> io:format("~0p~n", [X]).
