%% Longest Collatz sequence below a limit: tests, shifts, additions on small integers.
-module(collatz).
-export([main/0]).

main() -> bench:cpu(fun() -> longest(1, 100000, 0, 0) end, {77031, 351}).

longest(N, Limit, Best, Length) when N < Limit ->
    case steps(N, 1) of
        S when S > Length -> longest(N + 1, Limit, N, S);
        _ -> longest(N + 1, Limit, Best, Length)
    end;
longest(_, _, Best, Length) -> {Best, Length}.

steps(1, S) -> S;
steps(N, S) when N band 1 =:= 0 -> steps(N bsr 1, S + 1);
steps(N, S) -> steps(3 * N + 1, S + 1).
