%% A thousand processes in a ring pass a token round ten times.
-module(ring).
-export([main/0]).

main() ->
    Size = 1000,
    Rounds = 10,
    First = self(),
    Last = lists:foldl(fun(_, Next) -> spawn(fun() -> forward(Next) end) end, First, lists:seq(1, Size)),
    io:format("hops: ~p~n", [lists:sum([round_trip(Last, N) || N <- lists:seq(1, Rounds)]) * (Size + 1)]).

round_trip(Last, N) ->
    Last ! {token, N},
    receive {token, N} -> 1 end.

forward(Next) ->
    receive Token -> Next ! Token, forward(Next) end.
