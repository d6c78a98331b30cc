%% Population counts and bit reversal: shifts, masks, comparisons.
-module(bits).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(0, 150000, 0) end, 600448).

loop(N, N, Acc) -> Acc;
loop(I, N, Acc) -> loop(I + 1, N, Acc + count(I, 0) * (reverse(I, 0, 20) band 7)).

count(0, C) -> C;
count(X, C) -> count(X band (X - 1), C + 1).

reverse(_, R, 0) -> R;
reverse(X, R, K) -> reverse(X bsr 1, (R bsl 1) bor (X band 1), K - 1).
