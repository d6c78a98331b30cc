%% Every function of math with right arguments, at the edges, and with wrong ones.
-module(mathematics).
-export([main/0]).
main() ->
    One = [acos, acosh, asin, asinh, atan, atanh, ceil, cos, cosh, erf, erfc, exp, floor, log, log10, log2, sin, sinh, sqrt, tan, tanh],
    Values = [0, 1, -1, 2, 0.5, -0.5, 1.0e-300, 1.0e300, -1.0e300, 710, -710, 1 bsl 62, -(1 bsl 62), 1 bsl 1000, 1 bsl 1024, -(1 bsl 1024),
              1.7976931348623157e308, 5.0e-324, -0.0],
    [bif_calls:call(math, F, [V]) || F <- One, V <- Values],
    [bif_calls:call(math, F, [A, B]) || F <- [atan2, fmod, pow], A <- Values, B <- Values],
    bif_calls:call(math, pi, []),
    [bif_calls:wrong(math, F, [1.0]) || F <- One],
    [bif_calls:wrong(math, F, [1.0, 2.0]) || F <- [atan2, fmod, pow]].
