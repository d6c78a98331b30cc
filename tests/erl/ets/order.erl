%% The order of the objects of unordered tables, by everything that walks them, after all that can happen to a table.
-module(order).
-export([main/0]).

main() ->
    [kinds(Type) || Type <- [set, bag, duplicate_bag]],
    atoms(),
    [growth(Options) || Options <- options()],
    lists_of_objects(),
    bags(),
    fixed(),
    chunks(),
    keys_in_specs(),
    deletions(),
    counters().

options() ->
    Public = [[public | O] || O <- [[], [{write_concurrency, true}], [{write_concurrency, auto}], [bag, {write_concurrency, true}],
                                    [{write_concurrency, true}, {decentralized_counters, true}], [{read_concurrency, true}]]],
    [[], [private, {write_concurrency, true}], [duplicate_bag] | Public].

hash(Term) -> string:lowercase(binary:encode_hex(binary:part(erlang:md5(term_to_binary(Term)), 0, 6))).

%% One number for all ways to walk a table, and how its buckets are.
digest(T) ->
    Keys = walk(T, ets:first(T)),
    true = Keys =:= lists:reverse(walk_back(T, ets:last(T), [])) orelse Keys =:= walk_back(T, ets:last(T), []),
    Folded = ets:foldl(fun(O, Acc) -> [O | Acc] end, [], T),
    Right = ets:foldr(fun(O, Acc) -> [O | Acc] end, [], T),
    All = ets:tab2list(T),
    All = ets:match_object(T, '_'),
    Values = ets:select(T, [{'$1', [], ['$1']}]),
    Matched = ets:match(T, '$1'),
    Slots = slots(T, 0),
    Odd = ets:select(T, [{{'$1', '$2'}, [{'=:=', {'rem', '$2', 2}, 1}], [{{'$2', '$1'}}]}]),
    Reverse = ets:select_reverse(T, [{'$1', [], ['$1']}]),
    [hash([Keys, Folded, Right, All, Values, Matched, Slots, Odd, Reverse]), ets:info(T, size), ets:info(T, stats)].

walk(_, '$end_of_table') -> [];
walk(T, K) -> [K | walk(T, ets:next(T, K))].
walk_back(_, '$end_of_table', Acc) -> Acc;
walk_back(T, K, Acc) -> walk_back(T, ets:prev(T, K), [K | Acc]).

slots(T, I) ->
    case ets:slot(T, I) of
        '$end_of_table' -> [];
        [] -> slots(T, I + 1);
        L -> [{I, L} | slots(T, I + 1)]
    end.

show(Name, T) -> io:format("~w ~w ~w~n", [Name, digest(T), lists:sublist(ets:tab2list(T), 6)]).

%% ---- keys of all kinds

kinds(Type) ->
    Keys = [{small, fun(I) -> I end}, {negative, fun(I) -> -I * I end}, {border, fun(I) -> (1 bsl 59) - 20 + I end},
            {sixty, fun(I) -> -(1 bsl 60) - 20 + I end}, {big, fun(I) -> (I bsl 90) + 1 end}, {float, fun(I) -> I / 8 end},
            {string, fun integer_to_list/1}, {list, fun(I) -> [I, I * 300, [I] | x_is_no_atom(I)] end}, {tuple, fun(I) -> {I, {I * 2, []}} end},
            {binary, fun(I) -> binary:copy(integer_to_binary(I), 1 + I rem 9) end}, {bits, fun(I) -> <<I:13>> end},
            {maps, fun(I) -> #{I => [I], -I => 1.5} end}, {many, fun(I) -> maps:from_list([{J * I, J} || J <- lists:seq(1, 40)]) end}],
    [begin
         T = ets:new(t, [Type]),
         [ets:insert(T, {Key(I), I}) || I <- lists:seq(1, N)],
         show({Type, Name}, T)
     end || {Name, Key} <- Keys, N <- [10, 300, 1000]],
    T = ets:new(t, [Type]),
    [ets:insert(T, {Key(I), I}) || I <- lists:seq(1, 50), {_, Key} <- Keys],
    ets:insert(T, [{0.0, 1}, {1, 2}, {1.0, 3}, {[], 4}, {{}, 5}, {<<>>, 6}, {#{}, 7}]),
    show(Type, T).

x_is_no_atom(I) -> <<I>>.

%% An atom is hashed by its name.
atoms() ->
    Names = ["a" ++ integer_to_list(I) || I <- lists:seq(1, 400)] ++ [[I] || I <- lists:seq(1, 300)] ++
        [[16#3b1 + I, 16#20ac, $x] || I <- lists:seq(0, 20)] ++ [[16#1f600 + I] || I <- lists:seq(0, 20)] ++
        ["", lists:duplicate(255, $y), lists:duplicate(255, 16#e9), [16#e9, 16#ff, 16#80, 16#7f, 16#100]],
    T = ets:new(t, []),
    [ets:insert(T, {list_to_atom(Name), I}) || {Name, I} <- lists:zip(Names, lists:seq(1, length(Names)))],
    show(atoms, T),
    io:format("~tw~n", [ets:tab2list(T)]).

%% ---- growing and shrinking

growth(Options) ->
    T = ets:new(t, Options),
    show({Options, empty}, T),
    Sizes = [1, 255, 256, 257, 300, 511, 512, 600, 2303, 2304, 2305, 4351, 4352, 4353, 5000, 9000],
    lists:foldl(fun(N, Before) -> [ets:insert(T, {I, I}) || I <- lists:seq(Before + 1, N)], show({Options, N}, T), N end, 0, Sizes),
    lists:foldl(fun(N, Before) -> [ets:delete(T, I) || I <- lists:seq(N + 1, Before)], show({Options, N}, T), N end, 9000,
                [8000, 7000, 4500, 3300, 3000, 2500, 2000, 1200, 1151, 1000, 700, 100, 10]),
    [ets:insert(T, {I, I}) || I <- lists:seq(1, 3000)],
    show({Options, again}, T),
    [ets:take(T, I) || I <- lists:seq(1, 3000), I rem 7 =/= 0],
    show({Options, taken}, T),
    ets:delete_all_objects(T),
    show({Options, none}, T),
    [ets:insert_new(T, {I * I, I}) || I <- lists:seq(1, 400)],
    show({Options, squares}, T).

lists_of_objects() ->
    [begin
         T = ets:new(t, [Type]),
         insert_list(T, [{I rem 700, I} || I <- lists:seq(1, 1500)]),
         show({list, Type}, T),
         ets:insert(T, [{1, x}]),
         ets:insert(T, [{1, y}, {1, z}, {2, x}]),
         ets:insert_new(T, [{1, w}, {a, b}]),
         ets:insert_new(T, [{b, 1}, {b, 2}, {c, 1}]),
         io:format("~w ~w ~w ~w~n", [ets:lookup(T, 1), ets:lookup(T, 2), ets:lookup(T, b), ets:member(T, a)])
     end || Type <- [set, bag, duplicate_bag, ordered_set]].

%% With a slice of its own: when few reductions are left, a list goes in from its end.
insert_list(T, L) ->
    erlang:yield(),
    ets:insert(T, L).

bags() ->
    [begin
         T = ets:new(t, [Type]),
         [ets:insert(T, {I rem 50, I rem 13}) || I <- lists:seq(1, 1000)],
         show({bag, Type}, T),
         io:format("~w ~w~n", [ets:lookup(T, 7), ets:lookup_element(T, 7, 2)]),
         ets:delete_object(T, {7, 5}),
         ets:insert(T, {7, 5}),
         ets:insert(T, {7, 99}),
         io:format("~w ~w~n", [ets:lookup(T, 7), ets:take(T, 8)]),
         ets:select_delete(T, [{{'_', 3}, [], [true]}]),
         ets:match_delete(T, {'_', 4}),
         show({bag, Type, deleted}, T)
     end || Type <- [bag, duplicate_bag]].

%% ---- fixed tables

fixed() ->
    [begin
         T = ets:new(t, [Type | Options]),
         [ets:insert(T, {I, I}) || I <- lists:seq(1, 1000)],
         ets:safe_fixtable(T, true),
         [ets:delete(T, I) || I <- lists:seq(1, 1000, 3)],
         [ets:insert(T, {I, -I}) || I <- lists:seq(1, 1000, 6)],
         [ets:insert(T, {I, I}) || I <- lists:seq(2000, 4000)],
         [ets:insert(T, {I, I + 1}) || I <- lists:seq(2000, 2100)],
         [ets:delete_object(T, {I, I}) || I <- lists:seq(2050, 2300)],
         [ets:insert(T, {I, I}) || I <- lists:seq(2040, 2060)],
         show({fixed, Type, Options}, T),
         io:format("~w~n", [[ets:lookup(T, I) || I <- lists:seq(2045, 2062)]]),
         ets:safe_fixtable(T, false),
         show({unfixed, Type, Options}, T),
         [ets:insert(T, {I, I}) || I <- lists:seq(5000, 5100)],
         show({grows, Type, Options}, T),
         ets:safe_fixtable(T, true),
         ets:delete_all_objects(T),
         [ets:insert(T, {I, I}) || I <- lists:seq(1, 500, 2)],
         show({all, Type, Options}, T),
         ets:safe_fixtable(T, false),
         show({all_unfixed, Type, Options}, T),
         ets:delete(T, 1),
         show({deleted, Type, Options}, T)
     end || Type <- [set, bag, duplicate_bag], Options <- [[], [public, {write_concurrency, true}]]].

%% ---- pieces

chunks() ->
    [begin
         T = ets:new(t, [Type | Options]),
         [ets:insert(T, {if Type =:= set -> I; true -> I div 7 end, I}) || I <- lists:seq(1, N)],
         [io:format("~w ~w: ~s ~w~n", [{Type, Options, N}, Limit, hash(Pieces), lists:sublist([length(P) || P <- Pieces], 20)])
          || Limit <- [1, 2, 3, 7, 50, 1000, 1500, 100000],
             Pieces <- [pieces(ets:select(T, [{'$1', [], ['$1']}], Limit)), pieces(ets:match(T, {'_', '$1'}, Limit)),
                        pieces(ets:match_object(T, {'_', '_'}, Limit)),
                        pieces(ets:select(T, [{{'$1', '$2'}, [{'=:=', {'rem', '$2', 5}, 0}], ['$2']}], Limit)),
                        pieces(ets:select_reverse(T, [{'$1', [], ['$1']}], Limit))]]
     end || Type <- [set, bag], Options <- [[], [public, {write_concurrency, true}]], N <- [5, 300, 3000]],
    T = ets:new(t, []),
    ets:insert(T, [{I} || I <- lists:seq(1, 20)]),
    io:format("~w~n", [pieces(ets:select(T, [{{'$1'}, [], ['$1']}], 3))]).

pieces('$end_of_table') -> [];
pieces({L, Continuation}) -> [L | pieces(ets:select(Continuation))].

keys_in_specs() ->
    [begin
         T = ets:new(t, [Type]),
         [ets:insert(T, {I, J}) || I <- lists:seq(1, 2000), J <- [a, b, c]],
         Spec = [{{K, '_'}, [], ['$_']} || K <- [7, 1500, 3, 99999, 7, 44] ++ lists:seq(100, 130)],
         io:format("~w~n~w~n", [ets:select(T, Spec), pieces(ets:select(T, Spec, 7))]),
         io:format("~w ~w~n", [ets:select_count(T, [{{K, a}, [], [true]} || K <- lists:seq(1, 50)]),
                               ets:select_delete(T, [{{K, b}, [], [true]} || K <- lists:seq(1, 50)])]),
         show({specs, Type}, T)
     end || Type <- [set, bag, duplicate_bag]].

deletions() ->
    [begin
         T = ets:new(t, Options),
         [ets:insert(T, {I, I}) || I <- lists:seq(1, 20000)],
         Below = fun(Limit) -> [{{'$1', '_'}, [{'<', '$1', Limit}], [true]}] end,
         [begin
              io:format("~w~n", [ets:select_delete(T, Below(Limit))]),
              show({Options, Limit}, T)
          end || Limit <- [10, 100, 15000, 17500, 19500, 19600, 19900, 19950]],
         insert_list(T, [{I, I} || I <- lists:seq(1, 3000)]),
         io:format("~w~n", [ets:select_replace(T, [{{'$1', '$2'}, [], [{{'$1', {'+', '$2', 1}}}]}])]),
         show({Options, replaced}, T),
         ets:match_delete(T, {'_', 7}),
         ets:match_delete(T, '_'),
         show({Options, emptied}, T)
     end || Options <- [[], [private], [public], [public, {write_concurrency, true}]]].

counters() ->
    T = ets:new(t, []),
    [ets:update_counter(T, I rem 700, {2, 1}, {x, 0}) || I <- lists:seq(1, 3000)],
    [ets:update_element(T, I, {2, I * 3}) || I <- lists:seq(1, 699, 5)],
    show(counters, T),
    ets:safe_fixtable(T, true),
    [ets:delete(T, I) || I <- lists:seq(1, 600)],
    [ets:update_counter(T, I, 1, {x, 5}) || I <- lists:seq(300, 800)],
    show(fixed_counters, T),
    ets:safe_fixtable(T, false),
    show(counters, T).
