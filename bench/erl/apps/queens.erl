%% All solutions of the ten queens problem by backtracking over lists.
-module(queens).
-export([main/0]).

main() -> bench:cpu(fun() -> length(queens(10, 10)) end, 724).

queens(0, _) -> [[]];
queens(K, N) -> [[C | B] || B <- queens(K - 1, N), C <- lists:seq(1, N), safe(C, 1, B)].

safe(_, _, []) -> true;
safe(C, D, [B | Bs]) -> C =/= B andalso abs(C - B) =/= D andalso safe(C, D + 1, Bs).
