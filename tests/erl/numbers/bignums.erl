%% Big integers: growth, shrinking, division, bits, text.
-module(bignums).
-export([main/0]).

main() ->
    F = fact(60),
    P = 1 bsl 200,
    io:format("~p~n~p~n", [F, P]),
    io:format("~p~n", [[F div P, F rem P, -F div P, -F rem P, F div 7, F rem 7, P div -3, P rem -3]]),
    io:format("~p~n", [[F band P, F bor -P, bnot F, F bxor -1, -F bsr 100, F bsr 500, -F bsr 500]]),
    io:format("~p~n", [F - F]),
    io:format("~p~n", [F * F - F * (F - 1) =:= F]),
    io:format("~p ~p~n", [integer_to_list(F, 36), integer_to_binary(-F, 2)]),
    io:format("~p~n", [list_to_integer("-123456789012345678901234567890") * 3]),
    io:format("~p~n", [binary_to_integer(<<"zzzzzzzzzzzzzzzzzzzzz">>, 36)]),
    io:format("~p~n", [[1 bsl 59, 1 bsl 60, 1 bsl 63, 1 bsl 64, -(1 bsl 59), -(1 bsl 60) - 1]]),
    io:format("~p~n", [abs(-F) =:= F]),
    io:format("~p~n", [[P > F, P < F, -P < F, P == P + 0.0, P =:= P, 1.0e30 < P, erlang:min(P, F)]]),
    io:format("~p~n", [gcd(F, fact(40) * 61)]).

fact(0) -> 1;
fact(N) -> N * fact(N - 1).

gcd(A, 0) -> A;
gcd(A, B) -> gcd(B, A rem B).
