%% Functions with many arguments and large tuples of matches.
-module(many_arguments).
-export([main/0]).

main() ->
    io:format("~p~n", [f(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)]),
    io:format("~p~n", [apply(fun(A, B, C, D, E, F, G, H, I, J) -> [J, I, H, G, F, E, D, C, B, A] end, lists:seq(1, 10))]),
    io:format("~p~n", [case_table(lists:seq(1, 12) ++ [a, b, "x", 1 bsl 70, 2.5])]).

f(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T) ->
    [T, S, R, Q, P, O, N, M, L, K, J, I, H, G, F, E, D, C, B, A].

case_table(L) -> [c(X) || X <- L].

c(1) -> one; c(2) -> two; c(3) -> three; c(5) -> five; c(8) -> eight; c(10) -> ten; c(12) -> twelve;
c(a) -> atom_a; c(b) -> atom_b; c(2.5) -> float; c(_) -> other.
