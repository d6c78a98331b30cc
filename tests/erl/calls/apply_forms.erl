%% apply/2,3, M:F(A) with variables, and calls through funs.
-module(apply_forms).
-export([main/0]).
-export([plus/2]).

main() ->
    M = ?MODULE,
    F = plus,
    io:format("~p~n", [M:F(1, 2)]),
    io:format("~p~n", [apply(M, F, [3, 4])]),
    io:format("~p~n", [apply(fun plus/2, [5, 6])]),
    io:format("~p~n", [apply(fun M:F/2, [7, 8])]),
    io:format("~p~n", [apply(erlang, '+', [1, 1])]),
    io:format("~p~n", [apply(erlang, apply, [lists, reverse, [[1, 2]]])]),
    io:format("~p~n", [catch_class(fun() -> apply(M, F, [1 | 2]) end)]),
    io:format("~p~n", [catch_class(fun() -> apply(M, F, [1]) end)]),
    io:format("~p~n", [catch_class(fun() -> apply(M, "f", []) end)]),
    io:format("~p~n", [catch_class(fun() -> (id(foo)):bar() end)]),
    io:format("~p~n", [catch_class(fun() -> (id({a, b})):bar() end)]).

plus(A, B) -> A + B.

id(X) -> X.

catch_class(F) ->
    try F() catch C:R -> {C, R} end.
