%% Ackermann's function: deep recursion, a stack that grows and shrinks.
-module(ackermann).
-export([main/0]).

main() -> bench:cpu(fun() -> ack(3, 9) end, 4093).

ack(0, N) -> N + 1;
ack(M, 0) -> ack(M - 1, 1);
ack(M, N) -> ack(M - 1, ack(M, N - 1)).
