%% The Mandelbrot set: multiplications and additions of floats in a loop.
-module(mandelbrot).
-export([main/0]).

main() -> bench:cpu(fun() -> rows(0, 150, 0) end, 8714).

rows(N, N, Acc) -> Acc;
rows(Y, N, Acc) -> rows(Y + 1, N, row(0, Y, N, Acc)).

row(N, _, N, Acc) -> Acc;
row(X, Y, N, Acc) -> row(X + 1, Y, N, Acc + point(0.0, 0.0, 2.0 * X / N - 1.5, 2.0 * Y / N - 1.0, 100)).

point(_, _, _, _, 0) -> 1;
point(Zr, Zi, Cr, Ci, K) ->
    R2 = Zr * Zr,
    I2 = Zi * Zi,
    if
        R2 + I2 > 4.0 -> 0;
        true -> point(R2 - I2 + Cr, 2.0 * Zr * Zi + Ci, Cr, Ci, K - 1)
    end.
