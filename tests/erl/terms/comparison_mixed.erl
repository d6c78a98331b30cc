%% Mixed integer and float comparison near the limits of doubles.
-module(comparison_mixed).
-export([main/0]).

main() ->
    L = [9007199254740991, 9007199254740992, 9007199254740993, 9007199254740992.0, 1.0e308, 1 bsl 1023, 1 bsl 1024, -1.0e308, -(1 bsl 1030), 0, 0.0, -0.0, 0.5, 1 bsl 53 + 1.0],
    [io:format("~p ~p ~p~n", [A, B, {A < B, A == B, A =:= B}]) || A <- L, B <- L],
    io:format("~p~n", [lists:sort(L)]).
