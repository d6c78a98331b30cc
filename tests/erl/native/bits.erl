%% Bit strings and floats as machine code has them, each case run often enough to be compiled before it is printed.
-module(bits).
-export([main/0]).

main() ->
    Cases = cases(),
    [[F(I) || I <- lists:seq(1, 70)] || {_, F} <- Cases],
    [io:format("~p: ~p~n", [N, [F(I) || I <- lists:seq(1, 10)]]) || {N, F} <- Cases],
    ok.

try_it(F) -> try F() catch C:R -> {C, R} end.

cases() ->
    [{bytes, fun(I) -> {sum(binary:copy(<<1, 2, 254>>, I), 0), sum(<<1:3, 2:7>>, 0), sum(<<>>, 0)} end},
     {words, fun(I) -> [words(binary:part(<<1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13>>, S, I rem 4 + 5)) || S <- lists:seq(0, 4)] end},
     {unaligned, fun(I) -> [try_it(fun() -> unaligned(I rem 9, <<16#123456789abcdef0:64>>) end), words(tail(I rem 9, <<16#123456789abcdef0123456789a:104>>))] end},
     {fields, fun(I) -> [try_it(fun() -> field(N, <<16#fedcba9876543210fedcba98765432:120>>) end) || N <- [0, 1, I, 28, 59, 60, 61, 63, 64, 65, 119, 120, 121, -1, a]] end},
     {fixed, fun(I) -> [fixed(<<B:(I rem 8 + 58), 1:9, 2.5/float, -3:16/little-signed, "rest">>) || B <- [0, -1, 1 bsl 57]] end},
     {strings, fun(I) -> [string(B) || B <- [<<"GET /">>, <<"GET">>, <<"PUT x">>, <<"POST", I>>, <<>>, <<"GE", 3:4>>]] end},
     {utf, fun(I) -> {utf(<<"aå€𝄞"/utf8>>), utf(<<16#ff, I>>), [try_it(fun() -> <<(I * C)/utf8>> end) || C <- [1, 100, 10000, 16#d800, 200000]]} end},
     {append, fun(I) -> {append(I * 30, <<>>), append(3, <<I:5>>), append(20, binary:copy(<<I>>, 70))} end},
     {append_several, fun(I) -> {several(I * 9, <<"start">>), several(2, <<>>), try_it(fun() -> several(2, I) end)} end},
     {append_others, fun(I) -> [try_it(fun() -> extend(binary:copy(<<"y">>, 100), V) end) || V <- [I, -1, 256, 1 bsl 70, 1.5, a, -(1 bsl 64)]] end},
     {twice, fun(I) -> A = append(I * 20, <<>>), B = <<A/binary, 1>>, C = <<A/binary, 2>>, {erlang:crc32(B), erlang:crc32(C), B =:= C, byte_size(A)} end},
     {made, fun(I) -> [try_it(fun() -> <<I:N, (I * 3):16/little, (I / 2):64/float, "x", (list_to_binary([I]))/binary>> end) || N <- [0, 1, 8, 13, 64, 70, -1, a]] end},
     {comprehension, fun(I) -> {<< <<(B bxor I)>> || <<B>> <= binary:copy(<<"some">>, I) >>, << <<B:4>> || B <- lists:seq(1, I) >>, [B || <<B:3>> <= <<I:24>>]} end},
     {tails, fun(I) -> B = binary:copy(<<"abc,">>, I), {split(B, []), rest(B)} end},
     {float_sums, fun(I) -> [try_it(fun() -> floats(A, I / 4) end) || A <- float_values()] end},
     {float_tests, fun(I) -> [float_tests(A, I - 1.5) || A <- float_values()] end},
     {overflow, fun(I) -> [try_it(fun() -> overflow(A, I * 1.0e300) end) || A <- float_values()] end},
     {mixed, fun(I) -> [try_it(fun() -> {A + I, I - A, A * I, A / I, A * 2.0 + 1} end) || A <- float_values()] end},
     {many_floats, fun(I) -> many_floats(I * 1.0, 2.0, 3.5, -4.0, 1.0e10, 6.25, 0.0, 8.0, 9.5, 10.0, 50) end},
     {loop, fun(I) -> iterate(0.0, 0.0, I / 10, 0.3, 0) end}].

float_values() -> [0.0, -0.0, 1.0, -1.5, 1.0e308, -1.0e308, 4.9e-324, 1.0e-77, 1.0e77, 1.0e78, 5.0e-78, 3, 1 bsl 70, 1 bsl 1100, a].

sum(<<B, R/binary>>, S) -> sum(R, S + B);
sum(<<>>, S) -> S;
sum(R, S) -> {bits, bit_size(R), S}.

words(<<A:16, B:32, R/binary>>) -> {A, B, R};
words(<<A:16, R/binary>>) -> {A, R};
words(R) -> {rest, R}.
tail(N, B) -> <<_:N, R/bits>> = B, R.
unaligned(N, B) -> <<_:N, A:8, C:16, D:32, _/bits>> = B, {A, C, D}.
field(N, B) -> <<X:N, Y:N/signed-little, _/bits>> = <<B/bits, B/bits>>, {X, Y}.
fixed(<<A:60, R:6, F/float, S:16/little-signed, T/binary>>) -> {A, R, F, S, T};
fixed(<<A:58/signed, R:9, F/float, S:16/little-signed, T/binary>>) -> {A, R, F, S, T};
fixed(B) -> bit_size(B).
string(<<"GET ", R/binary>>) -> {get, R};
string(<<"POST", R/binary>>) -> {post, R};
string(<<_:8, R/binary>>) -> {one, R};
string(<<>>) -> empty;
string(B) -> bit_size(B).
utf(B) -> utf(B, []).
utf(<<C/utf8, R/binary>>, L) -> utf(R, [C | L]);
utf(<<>>, L) -> L;
utf(R, L) -> {R, L}.

append(0, B) -> B;
append(N, B) -> append(N - 1, <<B/bits, N>>).
several(0, B) -> {byte_size(B), erlang:crc32(B)};
several(N, B) -> several(N - 1, <<B/binary, N:32, "; ", (N bxor 5), 3:4, N:4>>).
extend(B, V) -> <<B/binary, V:16, V:8, 1>>.
split(<<",", R/binary>>, L) -> split(R, [comma | L]);
split(<<C, R/binary>>, L) -> split(R, [C | L]);
split(<<>>, L) -> length(L).
rest(<<_, _, R/binary>> = B) -> {byte_size(R), byte_size(B), binary:at(R, 0)}.

floats(A, B) -> X = A + B, Y = A - B, Z = A * B, {X, Y, Z, X + Y * Z - A, (X - Y) / (B + 1.0), -X}.
float_tests(A, B) -> {A < B, A > B, A =< B, A >= B, A == B, A =:= B, if A < 1.0 -> 1; true -> 0 end, if A >= 1.0e77 -> 1; true -> 0 end}.
overflow(A, B) when is_float(A) -> X = A * B, Y = X * 10.0, {X, Y / B}.
many_floats(A, B, C, D, E, F, G, H, I, J, 0) -> {A, B, C, D, E, F, G, H, I, J};
many_floats(A, B, C, D, E, F, G, H, I, J, N) -> many_floats(B * 0.5 + G, C - 0.25, D + 1.5, E * 1.0e-1, F + A, G - J, H / 3.0, I + B, J * -1.0, A + 0.125, N - 1).
iterate(_, _, _, _, 200) -> 200;
iterate(X, Y, A, B, N) ->
    X2 = X * X, Y2 = Y * Y,
    if X2 + Y2 > 4.0 -> {N, X, Y};
       true -> iterate(X2 - Y2 + A, 2.0 * X * Y + B, A, B, N + 1)
    end.
