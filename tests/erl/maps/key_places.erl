%% One place in the code that looks up keys in maps of many shapes: keys that are elsewhere each time, beyond the end of smaller maps, missing,
%% in maps that are no longer flat, and in what is no map.
-module(key_places).
-export([main/0]).

main() ->
    Letters = "bacdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN",
    Maps = [maps:from_list([{list_to_atom([C]), C} || C <- lists:sublist(Letters, K)]) || K <- lists:seq(1, 40)],
    io:format("~p~n", [loop(3000, Maps, Maps, 0)]),
    io:format("~p~n", [[got(M) || M <- [#{}, #{a => 1}, x, 1, [], {a, b}, #{b => 2}, #{1 => 2} | Maps], _ <- [1, 2, 3]]]),
    io:format("~p~n", [[has(M) || M <- Maps ++ lists:reverse(Maps)]]),
    io:format("~p~n", [[erlang:phash2(updated(M)) || M <- Maps ++ lists:reverse(Maps)]]),
    io:format("~p~n", [[exact(M, K) || M <- [#{a => 1}, #{}, #{b => 1, a => 2}, x], K <- [1, 2]]]),
    %% One shape for long, then another.
    [1 = one(#{a => 1, b => 2}) || _ <- lists:seq(1, 200)],
    [1 = one(#{'A' => 0, a => 1, b => 2, 'B' => 3}) || _ <- lists:seq(1, 200)],
    [1 = one(#{a => 1}) || _ <- lists:seq(1, 200)],
    none = one(#{}),
    none = one(#{b => 1}).

one(#{a := X}) -> X;
one(_) -> none.

loop(0, _, _, A) -> A;
loop(N, [], Maps, A) -> loop(N, Maps, Maps, A);
loop(N, [#{b := X} = M | Rest], Maps, A) ->
    #{b := Y} = M2 = M#{b := X + 1},
    Y = X + 1,
    loop(N - 1, Rest, Maps, A + X + maps:get(b, M2)).

got(#{a := X, c := Y, z := Z}) -> {X, Y, Z};
got(#{a := X, c := Y}) -> {X, Y};
got(#{b := _, a := X}) -> X;
got(#{b := B}) -> B;
got(_) -> none.

has(M) when is_map_key(z, M), is_map_key(a, M) -> za;
has(#{c := _, k := _}) -> ck;
has(#{c := _}) -> c;
has(_) -> none.

updated(#{e := _, c := _} = M) -> M#{e := 1, c := 2};
updated(M) -> M#{b => 2, k => 4}.

exact(M, K) ->
    try M#{a := K} of
        New -> New
    catch
        error:Reason -> Reason
    end.
