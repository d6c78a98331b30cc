%% Tuple BIFs and their errors.
-module(tuples).
-export([main/0]).

main() ->
    T = {a, b, c},
    io:format("~p~n", [[element(1, T), setelement(2, T, x), tuple_size(T), erlang:append_element(T, d),
                        erlang:delete_element(1, T), erlang:insert_element(2, T, new), tuple_to_list(T),
                        list_to_tuple([]), erlang:make_tuple(3, z), erlang:make_tuple(4, d, [{2, x}, {4, y}])]]),
    [try io:format("~p~n", [F()]) catch C:R -> io:format("~p ~p~n", [C, R]) end
     || F <- [fun() -> element(id(0), T) end, fun() -> element(id(4), T) end, fun() -> setelement(id(4), T, x) end,
              fun() -> tuple_size(id(a)) end, fun() -> list_to_tuple(id([a | b])) end,
              fun() -> erlang:delete_element(id(9), T) end]].

id(X) -> X.
