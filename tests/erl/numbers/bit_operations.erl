%% Shifts over word borders, bnot, and popcount loops.
-module(bit_operations).
-export([main/0]).

main() ->
    io:format("~p~n", [[1 bsl id(I) || I <- [0, 58, 59, 60, 61, 63, 64, 127, 128]]]),
    io:format("~p~n", [[-1 bsl id(I) || I <- [0, 58, 59, 60, 61, 63, 64, 127, 128]]]),
    io:format("~p~n", [[(1 bsl 100) bsr id(I) || I <- [0, 1, 40, 41, 99, 100, 101, -3]]]),
    io:format("~p~n", [[-((1 bsl 100) + 1) bsr id(I) || I <- [0, 1, 40, 41, 99, 100, 101, 1000]]]),
    io:format("~p~n", [[pop(X, 0) || X <- [0, 255, (1 bsl 90) - 1]]]),
    io:format("~p~n", [catch id(1) bsl id(1 bsl 70) =:= 0]).

pop(0, N) -> N;
pop(X, N) -> pop(X band (X - 1), N + 1).

id(X) -> X.
