%% Integer and float texts in both directions.
-module(integer_text).
-export([main/0]).

main() ->
    io:format("~p~n", [[integer_to_binary(X) || X <- [0, -1, 1 bsl 64, -(1 bsl 128)]]]),
    io:format("~p~n", [[integer_to_binary(255, B) || B <- [2, 8, 16, 36]]]),
    io:format("~p~n", [[float_to_binary(X) || X <- [0.0, 1.5, -1.0e-300]]]),
    io:format("~p~n", [[float_to_binary(X, [short]) || X <- [0.1, 100.0, 1.0e15, 1.0e16, 1.0e-5, 123456.789]]]),
    io:format("~p~n", [[float_to_list(X, [{decimals, D}]) || X <- [0.5, 1.005, 2.5, 1.0e15], D <- [0, 2, 10]]]),
    io:format("~p~n", [[binary_to_integer(B) || B <- [<<"+12">>, <<"-0">>, <<"00123">>]]]),
    io:format("~p~n", [[try F() catch error:R -> R end || F <- [fun() -> binary_to_integer(<<"1 ">>) end, fun() -> binary_to_float(<<"1.">>) end, fun() -> binary_to_float(<<"1e5">>) end, fun() -> list_to_integer("") end]]]).
