%% Matching segments, sizes from earlier fields, rests, no match.
-module(matching).
-export([main/0]).

main() ->
    B = id(<<1, 2, 3, 4, 5, 6, 7, 8, 9, 10>>),
    <<A:4, C:12/little, D:3/binary, E/bits>> = B,
    io:format("~w~n", [{A, C, D, E}]),
    <<_:3, U:13/signed, R/bits>> = B,
    io:format("~w~n", [{U, R}]),
    <<N, P:N/binary, Q/binary>> = B,
    io:format("~w~n", [{N, P, Q}]),
    <<_:1, UB:4/binary, _/bits>> = B,
    io:format("~w ~w~n", [UB, UB =:= <<2, 4, 6, 8>>]),
    <<F1/float, _/binary>> = <<1.5/float, 0>>,
    <<F2:32/float-little>> = <<2.5:32/float-little>>,
    <<F3:16/float>> = <<0.5:16/float>>,
    io:format("~w~n", [{F1, F2, F3}]),
    io:format("~w~n", [[f(X) || X <- [<<>>, <<1>>, <<2, 5>>, <<3, "abcd">>, <<4:3>>, <<9, "åx"/utf8>>, not_binary]]]),
    io:format("~p~n", [catch begin <<Z:100/binary, _/bits>> = B, Z end]),
    <<Nan:64/float, _/bits>> = <<0:64, 1>>,
    io:format("~w~n", [Nan]),
    io:format("~w~n", [case <<16#7ff0000000000000:64>> of <<Inf/float>> -> Inf; _ -> no end]),
    <<Big:80, Rest/binary>> = B,
    io:format("~w ~w~n", [Big, Rest]),
    <<Sb:72/signed-little, _>> = <<255, 254, 1, 2, 3, 4, 5, 6, 200, 0>>,
    io:format("~w~n", [Sb]).

f(<<>>) -> empty;
f(<<1>>) -> one;
f(<<2, X>>) -> {two, X};
f(<<3, "ab", R/binary>>) -> {three, R};
f(<<9, X/utf8, R/binary>>) -> {utf, X, R};
f(<<X:3>>) -> {bits, X};
f(X) -> {other, X}.

id(X) -> X.
