%% Towers of Hanoi: body recursion over a state that is threaded through.
-module(hanoi).
-export([main/0]).

main() -> bench:cpu(fun() -> hanoi(23, a, b, c, 0) end, 8388607).

hanoi(0, _, _, _, Moves) -> Moves;
hanoi(N, From, To, Via, Moves) -> hanoi(N - 1, Via, To, From, hanoi(N - 1, From, Via, To, Moves) + 1).
