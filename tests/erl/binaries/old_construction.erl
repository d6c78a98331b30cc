%% Bit strings built by the instructions of OTP 24 and older: results, and errors, which tell nothing of segments.
-module(old_construction).
-compile(r24).
-export([main/0]).
main() ->
    L = [1, -1, 300, 1 bsl 70, a, 1.5, <<"bin">>, <<1:3>>, [], 16#1f600, 16#d800],
    [io:format("~p ~p ~p: ~p~n", [A, B, C, [catch t(fun() -> f(A, B, C) end), catch t(fun() -> m(A, B, C) end)]]) || A <- L, B <- [8, 0, -1, a, 1 bsl 70, 17], C <- [<<"x">>, a, <<1:5>>]],
    [io:format("~p ~p: ~p~n", [A, B, [catch t(fun() -> g(A, B) end), catch t(fun() -> d(A, B) end), catch t(fun() -> k(A, B) end)]]) || A <- L, B <- L],
    [io:format("~p: ~p~n", [A, [catch t(fun() -> h(A) end), catch t(fun() -> u(A) end), catch t(fun() -> c(A) end)]]) || A <- [<<"abc">>, binary:copy(<<"xyz">>, 100), <<1:3>>, lists:seq(1, 50) | L]],
    [io:format("~p~n", [catch t(fun() -> g(binary:copy(<<"q">>, 70), I) end)]) || I <- lists:seq(1, 60)],
    io:format("~p~n", [lists:foldl(fun(I, B) -> d(B, I) end, <<>>, lists:seq(1, 300))]).
t(F) -> try F() catch C:R:S -> {C, R, [{M, N, A, proplists:delete(file, P)} || {M, N, A, P} <- lists:sublist(S, 2), is_integer(A)]} end.
f(A, B, C) -> <<A:B, C/binary, "lit", A:16/little>>.
g(A, B) -> <<A/binary, B, B:16, (B + 1):32/little-signed>>.
h(A) -> <<0, A/binary, 1:3>>.
k(A, B) -> <<A:64/float, B:32/float-little, (byte_size(<<A/bits>>)):8>>.
u(A) -> {<<A/utf8, "x">>, <<A/utf16>>, <<A/utf32-little, A/utf8>>}.
c(A) when is_list(A) -> << <<X:7, X>> || X <- A >>;
c(A) -> << <<(X bxor 1):5>> || <<X:3>> <= A >>.
m(A, B, C) -> if <<A:B, C/binary>> == <<1, "x">> -> yes; <<C/bits, A>> > <<"x">> -> big; true -> no end.
d(A, B) -> <<A/bits, B:5>>.
