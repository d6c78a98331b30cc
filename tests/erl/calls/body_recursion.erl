%% Deep body recursion grows the stack of the process only.
-module(body_recursion).
-export([main/0]).

main() ->
    io:format("~p~n", [length(build(500000))]),
    io:format("~p~n", [sum(build(100000))]).

build(0) -> [];
build(N) -> [N | build(N - 1)].

sum([]) -> 0;
sum([X | Xs]) -> X + sum(Xs).
