%% Digits of pi by Gibbons' spigot: products and divisions of numbers that keep growing.
-module(pi_digits).
-export([main/0]).

main() -> bench:cpu(fun() -> erlang:phash2(digits(800)) end, 29546878).

digits(N) -> digits(1, 0, 1, 1, 3, 3, N, []).

digits(_, _, _, _, _, _, 0, Acc) -> lists:reverse(Acc);
digits(Q, R, T, K, N, L, Left, Acc) when 4 * Q + R - T < N * T ->
    digits(10 * Q, 10 * (R - N * T), T, K, (10 * (3 * Q + R)) div T - 10 * N, L, Left - 1, [N | Acc]);
digits(Q, R, T, K, _N, L, Left, Acc) ->
    N1 = (Q * (7 * K + 2) + R * L) div (T * L),
    digits(Q * K, (2 * Q + R) * L, T * L, K + 1, N1, L + 2, Left, Acc).
