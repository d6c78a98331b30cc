%% A large Fibonacci number by additions, another one by doubling.
-module(fib_big).
-export([main/0]).

main() -> bench:cpu(fun() -> {plain(20000, 0, 1) rem 1000000007, element(1, fast(1000000)) rem 1000000007} end, {988094463,918091266}).

plain(0, A, _) -> A;
plain(N, A, B) -> plain(N - 1, B, A + B).

fast(0) -> {0, 1};
fast(N) ->
    {A, B} = fast(N bsr 1),
    C = A * (2 * B - A),
    D = A * A + B * B,
    case N band 1 of
        0 -> {C, D};
        1 -> {D, C + D}
    end.
