%% Numbers of a hundred digits to text and back.
-module(big_text).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(50000, 1 bsl 333, 0) end, 55808).

loop(0, _, Acc) -> Acc;
loop(N, X, Acc) ->
    Text = integer_to_binary(X + N * N),
    loop(N - 1, X, Acc bxor (binary_to_integer(Text) band 16#FFFF)).
