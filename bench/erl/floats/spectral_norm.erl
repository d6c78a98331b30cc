%% Spectral norm of an endless matrix: integer to float, division, sums over lists.
-module(spectral_norm).
-export([main/0]).

main() -> bench:cpu(fun() -> norm(200) end, "1.274223601").

norm(N) ->
    U = power(10, lists:duplicate(N, 1.0), N),
    V = at_a(U, N),
    Top = lists:sum(lists:zipwith(fun(A, B) -> A * B end, U, V)),
    Bottom = lists:sum([A * A || A <- U]),
    float_to_list(math:sqrt(Top / Bottom), [{decimals, 9}]).

power(0, U, _) -> U;
power(K, U, N) -> power(K - 1, at_a(at_a(U, N), N), N).

at_a(V, N) -> transposed(times(V, 0, N), 0, N).

times(_, N, N) -> [];
times(V, I, N) -> [row(V, I, 0, 0.0) | times(V, I + 1, N)].

transposed(_, N, N) -> [];
transposed(V, I, N) -> [column(V, I, 0, 0.0) | transposed(V, I + 1, N)].

row([], _, _, Sum) -> Sum;
row([X | Xs], I, J, Sum) -> row(Xs, I, J + 1, Sum + X / ((I + J) * (I + J + 1) div 2 + I + 1)).

column([], _, _, Sum) -> Sum;
column([X | Xs], I, J, Sum) -> column(Xs, I, J + 1, Sum + X / ((I + J) * (I + J + 1) div 2 + J + 1)).
