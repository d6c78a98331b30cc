%% Small integer operators, div, rem, bit operations.
-module(integer_arithmetic).
-export([main/0]).

main() ->
    L = [0, 1, -1, 7, -7, 3, 1000003, 16#7fffffffffffff, -16#80000000000000],
    [io:format("~p ~p ~p ~p ~p ~p ~p ~p~n", [A, B, A + B, A - B, A * B, d(A, B), r(A, B), A band B])
     || A <- L, B <- L],
    [io:format("~p ~p ~p ~p~n", [A, A bsl 3, A bsr 2, bnot A]) || A <- L],
    [io:format("~p ~p~n", [A bor B, A bxor B]) || A <- L, B <- L].

d(_, 0) -> zero;
d(A, B) -> A div B.

r(_, 0) -> zero;
r(A, B) -> A rem B.
