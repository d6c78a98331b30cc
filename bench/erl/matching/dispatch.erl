%% A byte-code machine: a case over many atoms and one over many integers.
-module(dispatch).
-export([main/0]).

main() ->
    Code = [element(I rem 12 + 1, {push, dup, add, swap, mul, drop, push, inc, dec, push, add, nop}) || I <- lists:seq(1, 600)],
    bench:cpu(fun() -> loop(1500, Code, 0) end, 4500).

loop(0, _, Acc) -> Acc;
loop(N, Code, Acc) -> loop(N - 1, Code, Acc + weight(run(Code, [N, 1, 2]) rem 40)).

run([], [Top | _]) -> Top;
run([Op | Ops], Stack) -> run(Ops, step(Op, Stack)).

step(push, S) -> [7 | S];
step(dup, [A | S]) -> [A, A | S];
step(add, [A, B | S]) -> [(A + B) band 16#FFFF | S];
step(sub, [A, B | S]) -> [A - B | S];
step(mul, [A, B | S]) -> [(A * B) band 16#FFFF | S];
step(swap, [A, B | S]) -> [B, A | S];
step(drop, [_, B | S]) -> [B | S];
step(inc, [A | S]) -> [A + 1 | S];
step(dec, [A | S]) -> [A - 1 | S];
step(nop, S) -> S;
step(halt, S) -> S.

weight(0) -> 1; weight(1) -> 5; weight(2) -> 8; weight(3) -> 2; weight(4) -> 9; weight(5) -> 1; weight(6) -> 7;
weight(7) -> 3; weight(8) -> 3; weight(9) -> 4; weight(12) -> 6; weight(20) -> 9; weight(30) -> 1; weight(_) -> 0.
