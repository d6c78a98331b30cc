%% Greatest common divisors of all pairs below a limit.
-module(gcd_sum).
-export([main/0]).

main() -> bench:cpu(fun() -> lists:sum([gcd(A, B) || A <- lists:seq(1, 900), B <- lists:seq(1, 900)]) end, 3558984).

gcd(A, 0) -> A;
gcd(A, B) -> gcd(B, A rem B).
