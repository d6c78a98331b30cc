%% Guard BIFs of three arguments (bif3): is_integer/3 and is_record/3 as values, and in guards.
-module(guards).
-export([main/0]).

main() ->
    Terms = [0, 1, 5, 10, 11, 1.0, a, 1 bsl 70, -(1 bsl 70), "s", {r, 1}],
    io:format("~w~n", [[between(X) || X <- Terms]]),
    io:format("~w~n", [[value(X, 1, 10) || X <- Terms]]),
    io:format("~w~n", [[value(X, -(1 bsl 80), 1 bsl 69) || X <- Terms]]),
    io:format("~w~n", [[value(X, 10, 1) || X <- Terms]]),
    [io:format("~w~n", [try value(X, L, H) catch C:R:S -> {C, R, erlang:delete_element(4, hd(S))} end]) ||
        {X, L, H} <- [{1, a, 2}, {1, 0, 2.0}, {a, b, c}, {1.0, 0, x}, {x, 1.0, 2}]],
    io:format("~w~n", [[guarded(X, L) || X <- [1, a], L <- [0, 2, x]]]),
    io:format("~w~n", [[is_record(X, r, id(2)) || X <- Terms]]).

between(X) when is_integer(X, 1, 10) -> yes;
between(_) -> no.

value(X, L, H) -> is_integer(X, L, H).

guarded(X, L) when is_integer(X, L, 5); X =:= a -> yes;
guarded(_, _) -> no.

id(X) -> X.
