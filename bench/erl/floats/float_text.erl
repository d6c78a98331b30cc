%% Floats to their shortest text and back.
-module(float_text).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(100000, 0.1, 0) end, 1775317).

loop(0, _, Acc) -> Acc;
loop(N, X, Acc) ->
    Text = float_to_list(X, [short]),
    X = list_to_float(Text),
    loop(N - 1, 1.0 + 3.9 * (X - trunc(X)) * (1.0 - (X - trunc(X))), Acc + length(Text)).
