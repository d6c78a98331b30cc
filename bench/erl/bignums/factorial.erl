%% A factorial by repeated small factors, and its decimal text.
-module(factorial).
-export([main/0]).

main() -> bench:cpu(fun() -> length(integer_to_list(fac(5000, 1))) end, 16326).

fac(0, Acc) -> Acc;
fac(N, Acc) -> fac(N - 1, N * Acc).
