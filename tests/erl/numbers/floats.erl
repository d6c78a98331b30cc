%% Float operators, conversions and printing.
-module(floats).
-export([main/0]).

main() ->
    L = [0.0, -0.0, 1.0, -1.5, 3.14159, 1.0e22, 1.0e23, 1.0e-7, 123456789.125, 2.2250738585072014e-308, 5.0e-324, 0.1],
    [io:format("~p ~w ~p ~p~n", [X, X + 1, X * 2, 1.0 - X]) || X <- L],
    [io:format("~e ~f ~g~n", [X, X, X]) || X <- L, X < 1.0e20],
    [io:format("~p~n", [{trunc(X), round(X), floor(X), ceil(X)}]) || X <- [2.5, 3.5, -2.5, -0.5, 0.49999999999999994, 1.0e20]],
    io:format("~p~n", [[10 / 4, 7 / 7, 1 / 3, -1 / 3, (1 bsl 100) / (1 bsl 98)]]),
    io:format("~p~n", [[float(3), float(1 bsl 70), 1 + 1.0]]),
    io:format("~p~n", [[float_to_list(1.5, [{decimals, 3}]), float_to_list(1.5e10, [{scientific, 2}]),
                        float_to_list(0.1), float_to_binary(2.50, [{decimals, 6}, compact]), float_to_list(0.1, [short])]]),
    io:format("~p~n", [[list_to_float("1.5e3"), binary_to_float(<<"-2.0">>)]]),
    io:format("~p~n", [[math:sqrt(2), math:pow(2, 10), math:pi(), math:floor(2.7), math:fmod(7, 3), math:atan2(1, 2)]]).
