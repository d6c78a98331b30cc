%% List and binary comprehensions, filters, several generators, bad generators.
-module(comprehensions).
-export([main/0]).

main() ->
    io:format("~p~n", [[{X, Y} || X <- [1, 2, 3], Y <- "ab", X rem 2 =:= 1]]),
    io:format("~p~n", [[X || {ok, X} <- [{ok, 1}, error, {ok, 2}]]]),
    io:format("~p~n", [<< <<(X * 2):16>> || X <- [1, 2, 300] >>]),
    io:format("~p~n", [[X || <<X:4>> <= <<16#12, 16#34>>]]),
    io:format("~p~n", [<< <<B:1>> || <<B:1, _:1>> <= <<16#aa, 16#55>> >>]),
    io:format("~p~n", [[X || X <- [a, 1, b], is_atom(X), X =/= b]]),
    io:format("~p~n", [catch [X || X <- id(foo)]]),
    io:format("~p~n", [catch [X || <<X>> <= id(foo)]]),
    io:format("~p~n", [catch [X || X <- [1], id(not_boolean)]]),
    io:format("~p~n", [catch [X || X <- id([1 | 2])]]).

id(X) -> X.
