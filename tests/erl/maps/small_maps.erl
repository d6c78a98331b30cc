%% Small maps: build, update, match, order of iteration.
-module(small_maps).
-export([main/0]).

main() ->
    M = #{b => 2, a => 1, {x} => 3, 1 => one, 1.0 => float, "s" => str},
    io:format("~p~n~w~n", [M, M]),
    io:format("~p~n", [[maps:keys(M), maps:values(M), maps:to_list(M), map_size(M), maps:size(#{})]]),
    #{a := A, b := B} = M,
    io:format("~p~n", [[A, B, M#{a := 10}, M#{new => 1}, maps:get(a, M), maps:get(zz, M, default), maps:find(b, M), is_map_key(b, M), map_get(1, M)]]),
    io:format("~p~n", [[maps:remove(a, M), maps:take(b, M), maps:take(zz, M), maps:merge(#{a => 1, c => 1}, #{a => 2}), maps:put(q, r, #{}), maps:update(a, 5, #{a => 1})]]),
    [try io:format("~p~n", [F()]) catch C:R -> io:format("~p ~p~n", [C, R]) end
     || F <- [fun() -> M#{zz := 1} end, fun() -> (id(foo))#{a => 1} end, fun() -> maps:get(zz, M) end, fun() -> maps:get(a, foo) end,
              fun() -> maps:update(zz, 1, M) end, fun() -> map_size(id([])) end, fun() -> #{zz := _} = M end, fun() -> map_get(id(q), M) end,
              fun() -> maps:from_list([a]) end, fun() -> maps:keys(id(1)) end]],
    io:format("~p~n", [[maps:fold(fun(K, V, Acc) -> [{K, V} | Acc] end, [], M), maps:map(fun(_, V) -> {V} end, M), maps:filter(fun(_, V) -> is_integer(V) end, M)]]).

id(X) -> X.
