%% A tail call does not grow the stack; mutual tail calls neither.
-module(deep_tail_call).
-export([main/0]).

main() ->
    io:format("~p~n", [count(1000000, 0)]),
    io:format("~p~n", [even(300001)]).

count(0, Sum) -> Sum;
count(N, Sum) -> count(N - 1, Sum + N).

even(0) -> true;
even(N) -> odd(N - 1).

odd(0) -> false;
odd(N) -> even(N - 1).
