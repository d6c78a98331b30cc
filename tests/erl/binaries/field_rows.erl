%% Fields in rows: each row begins at every bit of a byte, and the bits end at each place in it.
-module(field_rows).
-export([main/0]).

main() ->
    Bytes = <<16#45, 16#b8, 16#05, 16#dc, 16#9a, 16#bc, 16#4f, 16#e1, 16#80, 16#11, 16#fe, 16#dc, 16#c0, 16#a8, 16#ff, 16#01, 16#0a, 16#00, 16#00, 16#7f, 16#ff>>,
    Rows = [fun ip/1, fun bits/1, fun little/1, fun signed/1, fun odd/1, fun tagged/1, fun split/1, fun long/1, fun same/1, fun skips/1, fun text/1],
    [io:format("~w ~w~n", [N, [row(F, Before, Bytes) || Before <- lists:seq(0, 8)]]) || {N, F} <- lists:zip(lists:seq(1, length(Rows)), Rows)],
    [io:format("~w ~w~n", [N, erlang:phash2([F(part(Bytes, Bits)) || Bits <- lists:seq(0, bit_size(Bytes))])]) || {N, F} <- lists:zip(lists:seq(1, length(Rows)), Rows)],
    [io:format("~w~n", [[tagged(<<A, B, 7, 8, 9>>) || A <- [0, 1, 2, 16#f1], B <- [0, 1, 2, 16#2f]]])],
    [io:format("~p~n", [text(T)]) || T <- [<<"GET / HTTP/1.1\r\n">>, <<"GET / HTTP/1.0\r\n">>, <<"GE">>, <<"PUT /x HTTP/1.1\r\nrest">>, <<"POST HTTP">>, <<"POST", 1>>, <<"POSX", 1>>]],
    io:format("~w~n", [sums(binary:copy(Bytes, 9), 0, 0)]).

%% With some bits before it, which are matched first.
row(F, Before, Bytes) ->
    <<_:Before, Rest/bits>> = <<0:Before, Bytes/binary>>,
    F(Rest).

part(Bytes, Bits) ->
    <<Part:Bits/bits, _/bits>> = Bytes,
    Part.

ip(<<V:4, L:4, Service, Total:16, Id:16, Flags:3, Offset:13, Ttl, Protocol, Sum:16, Source:32, R/binary>>) ->
    {V, L, Service, Total, Id, Flags, Offset, Ttl, Protocol, Sum, Source, byte_size(R)};
ip(<<V:4, L:4, _/bits>>) -> {short, V, L};
ip(_) -> none.

bits(<<A:1, B:2, C:3, D:4, E:5, F:6, G:7, H:9, I:11, R/bits>>) -> {A, B, C, D, E, F, G, H, I, bit_size(R)};
bits(<<A:1, B:2, R/bits>>) -> {A, B, bit_size(R)};
bits(R) -> R.

little(<<A:16/little, B:24/little, C:32/little, D:24, E:40, F:48/little, R/bits>>) -> {A, B, C, D, E, F, bit_size(R)};
little(<<A:24/little, R/bits>>) -> {A, bit_size(R)};
little(R) -> R.

signed(<<A:8/signed, B:16/signed, C:24/signed-little, D:4/signed, E:12/signed, F:56/signed, G:33/signed, R/bits>>) -> {A, B, C, D, E, F, G, bit_size(R)};
signed(<<A:5/signed, R/bits>>) -> {A, bit_size(R)};
signed(R) -> R.

odd(<<A:59, B:59, R/bits>>) -> {A, B, bit_size(R)};
odd(<<A:57, B:3, C:60, R/bits>>) -> {A, B, C, bit_size(R)};
odd(<<A:58, R/bits>>) -> {A, bit_size(R)};
odd(R) -> R.

%% What has been read is there, and the position, where a later field is another.
tagged(<<A, 1, B:16, R/bits>>) -> {one, A, B, bit_size(R)};
tagged(<<1:4, A:4, 2, B:24, R/bits>>) -> {two, A, B, bit_size(R)};
tagged(<<A:4, 1:4, B:3, 15:5, C:16/little, R/bits>>) -> {three, A, B, C, bit_size(R)};
tagged(<<A:4, B:4, R/bits>>) -> {other, A, B, bit_size(R)};
tagged(R) -> R.

split(<<A:8, B:8, R/bits>>) when A > B -> {A, B, bit_size(R)};
split(<<A:7, B:9, C:16, R/bits>>) -> {A, B, C, bit_size(R)};
split(R) -> R.

long(<<A:64, B:61, C:60, D:59, R/bits>>) -> {A, B, C, D, bit_size(R)};
long(<<A:64, R/bits>>) -> {A, bit_size(R)};
long(R) -> R.

%% A field in the register of what is matched.
same(<<A:4, B:12>>) -> A + B;
same(<<A:16, B:8, _/bits>>) -> A - B;
same(<<A>>) -> A;
same(_) -> none.

skips(<<_:3, A:5, _:16, _:17, B:7, _/bits>>) -> {A, B};
skips(<<_:24, R/bits>>) -> bit_size(R);
skips(_) -> none.

text(<<"GET ", C, " HTTP/1.", V, "\r\n", R/binary>>) -> {get, C, V, R};
text(<<"PUT /", C, " HTTP/1.1\r\n", R/binary>>) -> {put, C, R};
text(<<"POST", C, _/binary>>) -> {post, C};
text(<<R/bits>>) -> bit_size(R).

sums(<<A:4, B:12, C:3, D:21, R/binary>>, X, Y) -> sums(R, X + A * B, Y bxor (C + D));
sums(<<R/binary>>, X, Y) -> {X, Y, R}.
