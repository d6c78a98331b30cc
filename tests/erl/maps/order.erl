%% The order in which maps of more than 32 keys are walked, by everything that walks them: it follows from the keys.
-module(order).
-export([main/0]).

main() ->
    [show(Name, [Key(I) || I <- lists:seq(1, N)]) || {Name, Key} <- kinds(), N <- [33, 34, 100, 1000]],
    show(large, lists:seq(1, 50000)),
    show(mixed, mixed()),
    show(nested, [{#{I => a1(I)}, [I | I]} || I <- lists:seq(1, 300)]),
    show(maps, [maps:from_list([{J, I} || J <- lists:seq(1, 30 + I rem 7)]) || I <- lists:seq(1, 100)]),
    changes(),
    same_hash(),
    texts().

%% How a key is made of a number.
kinds() ->
    [{small, fun(I) -> I end},
     {negative, fun(I) -> -I end},
     {spread, fun(I) -> I * 7919 * 104729 end},
     {border, fun(I) -> (1 bsl 59) - 20 + I end},
     {below, fun(I) -> -(1 bsl 59) + 20 - I end},
     {sixty, fun(I) -> (1 bsl 60) - 20 + I end},
     {word, fun(I) -> (1 bsl 63) + I * 3 end},
     {big, fun(I) -> -(I bsl 100) - 1 end},
     {huge, fun(I) -> (I bsl 1000) + I end},
     {float, fun(I) -> I / 4 end},
     {tiny, fun(I) -> -I * 1.0e-300 end},
     {string, fun(I) -> "key" ++ integer_to_list(I) end},
     {list, fun(I) -> [I, [I * 1000], 3 | I] end},
     {improper, fun(I) -> [I | {I}] end},
     {bytes, fun(I) -> [I rem 256, I div 256] end},
     {tuple, fun(I) -> {I, {}, {I + 0.5, -I}} end},
     {binary, fun(I) -> integer_to_binary(I * I * 12345) end},
     {long, fun(I) -> binary:copy(<<I:24>>, 10 + I rem 30) end},
     {bits, fun(I) -> <<I:(11 + I rem 40)>> end},
     {part, fun(I) -> <<_:3, Rest/bits>> = <<I:32, 5:3>>, Rest end},
     {flat, fun(I) -> #{I => I, -I => [], I * 1.0 => {I}} end}].

a1(I) -> [I, I * 1.5, <<I:16>>, []].

mixed() ->
    [0, -1, 1, 0.0, 1.0, -1.0, [], {}, <<>>, #{}, "", "a", [[]], {[]}, [{}], [1.0], {1}, <<1:1>>, <<0>>, #{1 => 2}, 1 bsl 64, -(1 bsl 64)]
        ++ [Kind(I) || I <- lists:seq(200, 230), {_, Kind} <- kinds()].

show(Name, Keys) ->
    Map = maps:from_list([{K, I} || {K, I} <- lists:zip(Keys, lists:seq(1, length(Keys)))]),
    io:format("~w ~w ~w: ~s ~w~n", [Name, length(Keys), map_size(Map), digest(Map), lists:sublist(maps:values(Map), 8)]).

%% All the ways to walk a map.
digest(Map) ->
    List = maps:to_list(Map),
    Walked = walk(maps:next(maps:iterator(Map))),
    Folded = maps:fold(fun(K, V, Acc) -> [{K, V} | Acc] end, [], Map),
    {Keys, Values} = lists:unzip(List),
    true = Keys =:= maps:keys(Map) andalso Values =:= maps:values(Map),
    Put = lists:foldl(fun({K, V}, M) -> M#{K => V} end, #{}, List),
    List = maps:to_list(Put),
    Made = maps:from_keys(Keys, x),
    Filtered = maps:filter(fun(_, V) -> V rem 3 =/= 0 end, Map),
    Mapped = maps:map(fun(_, V) -> [V] end, Map),
    Back = binary_to_term(term_to_binary(Map)),
    hash([List, Walked, Folded, maps:to_list(Made), maps:to_list(Filtered), maps:to_list(Mapped), maps:to_list(Back),
          term_to_binary(Map), term_to_binary({Mapped, [Filtered]}), io_lib:format("~w", [Map])]).

hash(Term) -> string:lowercase(binary:encode_hex(binary:part(erlang:md5(term_to_binary(Term)), 0, 6))).

walk(none) -> [];
walk({K, V, I}) -> [{K, V} | walk(maps:next(I))].

%% Keys come and go.
changes() ->
    Map = maps:from_list([{I, I} || I <- lists:seq(1, 2000)]),
    Less = maps:without([I || I <- lists:seq(1, 2000), I rem 3 =:= 0], Map),
    Few = maps:with(lists:seq(50, 90), Map),
    More = maps:merge(Less, maps:from_list([{-I, I} || I <- lists:seq(1, 500)])),
    {_, Taken} = maps:take(77, More),
    Updated = lists:foldl(fun(I, M) -> M#{I := x} end, More, lists:seq(100, 1900, 300)),
    [io:format("~w ~s ~w~n", [map_size(M), hash(maps:to_list(M)), lists:sublist(maps:keys(M), 10)])
     || M <- [Map, Less, Few, More, Taken, Updated]],
    Removed = lists:foldl(fun maps:remove/2, Map, lists:seq(1, 1970)),
    io:format("~w ~w~n", [Removed, maps:remove(1971, maps:put(a, 1, Removed)) =:= maps:put(a, 1, maps:remove(1971, Removed))]).

%% Keys whose hashes agree in all 32 bits.
same_hash() ->
    Pairs = [{A, B} || {A, B} <- collisions()],
    Keys = lists:append([[A, B] || {A, B} <- Pairs]),
    Map = maps:from_list([{K, -K} || K <- Keys ++ lists:seq(1, 40)]),
    Put = lists:foldl(fun(K, M) -> M#{K => -K} end, #{}, lists:reverse(Keys) ++ lists:seq(1, 40)),
    io:format("~w ~s ~w~n", [map_size(Map), hash([maps:to_list(Map), walk(maps:next(maps:iterator(Map))), term_to_binary(Map)]), Map =:= Put]),
    [io:format("~w ~w ~w ~w~n", [A, B, [K || K <- maps:keys(Map), K =:= A orelse K =:= B], [maps:get(A, Map), maps:get(B, Map)]]) || {A, B} <- Pairs],
    Without = lists:foldl(fun({A, _}, M) -> maps:remove(A, M) end, Map, Pairs),
    io:format("~w ~w~n", [[maps:get(B, Without) || {_, B} <- Pairs], maps:keys(Without)]).

collisions() ->
    [{40660, 59671}, {22575, 119693}, {121236, 167527}, {169647, 178740}, {29879, 217607}, {204923, 232672}].

texts() ->
    Map = maps:from_list([{I, integer_to_list(I)} || I <- lists:seq(1, 40)]),
    io:format("~w~n~p~n~0p~n~tp~n", [Map, {x, [Map]}, Map, maps:map(fun(K, _) -> K * 1.5 end, Map)]),
    io:format("~s~n", [io_lib:format("~P", [Map, 20])]),
    io:format("~w~n", [maps:fold(fun(K, V, Acc) -> [{K, V} | Acc] end, [], Map)]),
    io:format("~w~n", [lists:zip(maps:keys(Map), maps:values(Map))]),
    io:format("~w~n", [erlang:phash2(Map)]).
