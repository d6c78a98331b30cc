%% A thousand processes, each answers once.
-module(many_processes).
-export([main/0]).

main() ->
    S = self(),
    Ps = [spawn(fun() -> receive {N, From} -> From ! {N, N * 2} end end) || _ <- lists:seq(1, 1000)],
    [P ! {I, S} || {I, P} <- lists:zip(lists:seq(1, 1000), Ps)],
    io:format("~p~n", [lists:sum([receive {I, X} -> X end || I <- lists:seq(1, 1000)])]),
    ring(500, 20).

ring(N, Rounds) ->
    S = self(),
    First = lists:foldl(fun(_, Next) -> spawn(fun() -> forward(Next) end) end, S, lists:seq(1, N)),
    [begin First ! {token, I}, receive {token, J} -> J end end || I <- lists:seq(1, Rounds)],
    First ! stop,
    io:format("~p~n", [receive stop -> done end]).

forward(Next) -> receive stop -> Next ! stop; M -> Next ! M, forward(Next) end.
