%% A 64-bit linear congruential generator: products beyond small integers, masked back at once.
-module(lcg).
-export([main/0]).

main() -> bench:cpu(fun() -> lcg(1500000, 42, 0) end, 1631562144).

lcg(0, _, Acc) -> Acc;
lcg(N, S, Acc) ->
    S1 = (S * 6364136223846793005 + 1442695040888963407) band 16#FFFFFFFFFFFFFFFF,
    lcg(N - 1, S1, Acc bxor (S1 bsr 33)).
