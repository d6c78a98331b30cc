%% The maps module.
-module(maps_module).
-export([main/0]).

main() ->
    M = maps:from_list([{I, I rem 3} || I <- lists:seq(1, 40)]),
    I = maps:iterator(#{a => 1, b => 2}),
    {K, V, J} = maps:next(I),
    io:format("~p~n", [[K, V, maps:next(maps:iterator(#{})), element(1, maps:next(J))]]),
    io:format("~p~n", [maps:groups_from_list(fun(X) -> X rem 2 end, [1, 2, 3, 4])]),
    io:format("~p~n", [maps:to_list(maps:filtermap(fun(X, 0) -> {true, X * 2}; (_, _) -> false end, M))]),
    io:format("~p~n", [maps:with([1, 2, 99], M)]),
    io:format("~p~n", [map_size(maps:without(lists:seq(1, 20), M))]),
    io:format("~p~n", [maps:merge_with(fun(_, A, B) -> A + B end, #{a => 1, b => 2}, #{b => 3, c => 4})]),
    io:format("~p~n", [maps:intersect(#{a => 1, b => 2}, #{b => 3, c => 4})]),
    io:format("~p~n", [maps:update_with(a, fun(X) -> X + 1 end, #{a => 1})]),
    io:format("~p~n", [maps:update_with(z, fun(X) -> X + 1 end, 0, #{a => 1})]),
    io:format("~p~n", [maps:from_keys([c, a, b], 0)]),
    io:format("~p~n", [maps:fold(fun(X, Y, A) -> A + X * Y end, 0, M)]).
