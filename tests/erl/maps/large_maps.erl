%% Maps above 32 keys: build, lookup, delete down to small. Their order: order.erl.
-module(large_maps).
-export([main/0]).

main() ->
    M = maps:from_list([{I, I * I} || I <- lists:seq(1, 1000)]),
    io:format("~p ~p ~p~n", [map_size(M), maps:get(777, M), maps:get(1001, M, none)]),
    io:format("~p~n", [lists:sum(maps:values(M))]),
    io:format("~p~n", [lists:sort(maps:keys(M)) =:= lists:seq(1, 1000)]),
    S = lists:foldl(fun maps:remove/2, M, lists:seq(11, 1000)),
    io:format("~p~n", [S]),
    io:format("~p~n", [S =:= maps:from_list([{I, I * I} || I <- lists:seq(1, 10)])]),
    U = lists:foldl(fun(I, Acc) -> Acc#{I => new} end, M, lists:seq(1, 1000, 2)),
    io:format("~p~n", [length([x || {_, new} <- maps:to_list(U)])]),
    M40 = maps:from_list([{I, {I}} || I <- lists:seq(1, 40)]),
    io:format("~p~n", [maps:to_list(M40)]),
    Keys = [[I, "x", <<I>>, {I, 1.5}, #{I => x}] || I <- lists:seq(1, 35)],
    io:format("~p~n", [lists:sort(maps:keys(maps:from_list([{K, 1} || K <- Keys]))) =:= lists:sort(Keys)]),
    io:format("~p~n", [[M < M#{5 => 0}, M =:= M#{5 => 25}, M == U, M40 < M, maps:merge(M40, #{1 => x}) > M40]]).
