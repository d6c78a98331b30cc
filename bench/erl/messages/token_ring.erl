%% A ring of processes with many tokens on the way.
-module(token_ring).
-export([main/0]).

main() -> bench:cpu(fun() -> ring(500, 50, 20000) end, 50).

ring(Size, Tokens, Hops) ->
    Main = self(),
    Last = spawn_link(fun() -> first(Main) end),
    First = lists:foldl(fun(_, Next) -> spawn_link(fun() -> relay(Next, Main) end) end, Last, lists:seq(2, Size)),
    Last ! {next, First},
    [First ! {token, Hops} || _ <- lists:seq(1, Tokens)],
    length([receive over -> ok end || _ <- lists:seq(1, Tokens)]).

first(Main) -> receive {next, Next} -> relay(Next, Main) end.

relay(Next, Main) ->
    receive
        {token, 0} -> Main ! over, relay(Next, Main);
        {token, N} -> Next ! {token, N - 1}, relay(Next, Main)
    end.
