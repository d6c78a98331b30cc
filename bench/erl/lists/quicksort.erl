%% Quicksort with comprehensions, as books show it.
-module(quicksort).
-export([main/0]).

main() ->
    bench:cpu(fun() -> erlang:phash2(sort(numbers(40000, 1))) end, 36310038).

numbers(0, _) -> [];
numbers(N, S) -> [S rem 1000003 | numbers(N - 1, (S * 1103515245 + 12345) band 16#7FFFFFFF)].

sort([]) -> [];
sort([P | Xs]) -> sort([X || X <- Xs, X < P]) ++ [P] ++ sort([X || X <- Xs, X >= P]).
