%% Unary minus of zeros.
-module(negative_zero).
-export([main/0]).

main() ->
    io:format("~p~n", [[{X * 2, -X} || X <- id([0.0, -0.0, 1.5]), is_float(X)]]),
    io:format("~p~n", [apply(erlang, '-', id([0.0]))]).

id(X) -> X.
