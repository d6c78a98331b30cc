%% Mean, variance and correlation over lists of floats, logistic growth, and math functions.
-module(statistics_run).
-export([main/0]).

main() ->
    bench:cpu(fun() ->
        Xs = series(200000, 0.3),
        Ys = [math:sin(X) * 2.0 + math:log(1.0 + X) || X <- Xs],
        round(1.0e6 * correlation(Xs, Ys))
    end, 998048).

series(0, _) -> [];
series(N, X) -> [X | series(N - 1, 3.7 * X * (1.0 - X))].

mean(L) -> lists:sum(L) / length(L).

correlation(Xs, Ys) ->
    {Mx, My} = {mean(Xs), mean(Ys)},
    {Sxy, Sxx, Syy} = sums(Xs, Ys, Mx, My, 0.0, 0.0, 0.0),
    Sxy / math:sqrt(Sxx * Syy).

sums([X | Xs], [Y | Ys], Mx, My, A, B, C) ->
    sums(Xs, Ys, Mx, My, A + (X - Mx) * (Y - My), B + (X - Mx) * (X - Mx), C + (Y - My) * (Y - My));
sums([], [], _, _, A, B, C) -> {A, B, C}.
