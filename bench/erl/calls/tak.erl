%% Takeuchi's function: calls with three arguments, nested four deep.
-module(tak).
-export([main/0]).

main() -> bench:cpu(fun() -> tak(27, 18, 9) end, 18).

tak(X, Y, Z) when Y < X -> tak(tak(X - 1, Y, Z), tak(Y - 1, Z, X), tak(Z - 1, X, Y));
tak(_, _, Z) -> Z.
