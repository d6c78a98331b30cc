%% apply in tail position runs in constant stack space.
-module(apply_tail).
-export([main/0]).
-export([loop/2]).

main() ->
    io:format("~p~n", [loop(300000, ?MODULE)]),
    io:format("~p~n", [by_fun(300000, fun by_fun/2)]).

loop(0, _) -> done;
loop(N, M) -> apply(M, loop, [N - 1, M]).

by_fun(0, _) -> done;
by_fun(N, F) -> F(N - 1, F).
