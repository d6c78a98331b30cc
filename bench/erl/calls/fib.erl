%% Doubly recursive Fibonacci: calls, small additions and a test each.
-module(fib).
-export([main/0]).

main() -> bench:cpu(fun() -> fib(31) end, 1346269).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
