%% Byte by byte over a binary: a checksum and a line count.
-module(scan).
-export([main/0]).

main() ->
    Text = binary:copy(<<"the quick brown fox jumps over the lazy dog\n">>, 50000),
    bench:cpu(fun() -> {adler(Text, 1, 0), lines(Text, 0)} end, {493748537,50000}).

adler(<<B, Rest/binary>>, S1, S2) ->
    T1 = case S1 + B of X when X >= 65521 -> X - 65521; X -> X end,
    T2 = case S2 + T1 of Y when Y >= 65521 -> Y - 65521; Y -> Y end,
    adler(Rest, T1, T2);
adler(<<>>, S1, S2) -> S2 bsl 16 bor S1.

lines(<<$\n, Rest/binary>>, N) -> lines(Rest, N + 1);
lines(<<_, Rest/binary>>, N) -> lines(Rest, N);
lines(<<>>, N) -> N.
