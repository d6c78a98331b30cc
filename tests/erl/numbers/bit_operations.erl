%% Shifts over word borders, bnot, and popcount loops.
-module(bit_operations).
-export([main/0]).

main() ->
    io:format("~p~n", [[1 bsl id(I) || I <- [0, 58, 59, 60, 61, 63, 64, 127, 128]]]),
    io:format("~p~n", [[-1 bsl id(I) || I <- [0, 58, 59, 60, 61, 63, 64, 127, 128]]]),
    io:format("~p~n", [[(1 bsl 100) bsr id(I) || I <- [0, 1, 40, 41, 99, 100, 101, -3]]]),
    %% Numbers of one word, and such constants.
    Words = [id(X) || X <- [0, 1, 16#123456789abcdef, (1 bsl 60) - 1, 1 bsl 60, 16#fedcba9876543210, (1 bsl 64) - 1, 1 bsl 64, -(1 bsl 60), -(1 bsl 60) - 1, -16#fedcba9876543210]],
    io:format("~p~n", [[{X bsr 0, X bsr 1, X bsr 3, X bsr 4, X bsr 5, X bsr 33, X bsr 59, X bsr 62, X bsr 63, X bsr 64, X bsr 65, X bsr 130} || X <- Words]]),
    io:format("~p~n", [[{X band 0, X band 255, 16#ffffffff band X, X band 16#fffffffffffffff, X band -1, X band -256, X band 16#800000000000001} || X <- Words]]),
    io:format("~p~n", [[-((1 bsl 100) + 1) bsr id(I) || I <- [0, 1, 40, 41, 99, 100, 101, 1000]]]),
    io:format("~p~n", [[pop(X, 0) || X <- [0, 255, (1 bsl 90) - 1]]]),
    io:format("~p~n", [catch id(1) bsl id(1 bsl 70) =:= 0]).

pop(0, N) -> N;
pop(X, N) -> pop(X band (X - 1), N + 1).

id(X) -> X.
