%% Modular powers of 512-bit numbers by squaring, as RSA and Diffie-Hellman in plain Erlang do.
-module(powmod).
-export([main/0]).

main() ->
    P = (1 bsl 521) - 1,
    bench:cpu(fun() -> lists:foldl(fun(I, X) -> pow(X + I, P - 2, P, 1) end, 3, lists:seq(1, 60)) rem 1000003 end, 74688).

pow(_, 0, _, Acc) -> Acc;
pow(B, E, M, Acc) when E band 1 =:= 1 -> pow(B * B rem M, E bsr 1, M, Acc * B rem M);
pow(B, E, M, Acc) -> pow(B * B rem M, E bsr 1, M, Acc).
