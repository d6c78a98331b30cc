%% Operators called as functions.
-module(operators).
-export([main/0]).
main() ->
    Ints = [0, 1, -1, 255, (1 bsl 59) - 1, 1 bsl 59, -(1 bsl 59), (1 bsl 60) - 1, -(1 bsl 60), 1 bsl 64, -(1 bsl 64) - 1, 1 bsl 130],
    [bif_calls:call(erlang, F, [A, B]) || F <- ['band', 'bor', 'bxor', 'div', 'rem', '+', '-', '*'], A <- Ints, B <- Ints],
    [bif_calls:call(erlang, F, [A]) || F <- ['bnot', '-', '+', abs], A <- Ints],
    [bif_calls:call(erlang, F, [A, S]) || F <- ['bsl', 'bsr'], A <- Ints, S <- [0, 1, -1, 3, 63, 64, -64, 100, -100, 1 bsl 70, -(1 bsl 70)],
                                          not too_large(F, A, S)],
    [bif_calls:call(erlang, F, [A, B]) || F <- ['and', 'or', 'xor'], A <- [true, false], B <- [true, false]],
    [bif_calls:call(erlang, 'not', [A]) || A <- [true, false]],
    [bif_calls:wrong(erlang, F, [A]) || {F, A} <- [{'bnot', 1}, {'not', true}, {'-', 1}, {'+', 1}, {abs, 1}]],
    [bif_calls:wrong(erlang, F, [6, 3]) || F <- ['band', 'bor', 'bxor', 'bsr', 'div', 'rem', '+', '-', '*', '/']],
    [bif_calls:wrong(erlang, 'bsl', [3]) || _ <- [1]],
    [bif_calls:wrong(erlang, F, [true, false]) || F <- ['and', 'or', 'xor']],
    [bif_calls:wrong(erlang, F, ["ab", "c"]) || F <- ['++', '--', append, subtract]],
    [bif_calls:wrong(erlang, F, [1, 2]) || F <- ['==', '/=', '=:=', '=/=', '<', '>', '=<', '>=']].

too_large('bsl', A, S) -> A =/= 0 andalso S > 1000;
too_large('bsr', A, S) -> A =/= 0 andalso S < -1000.
