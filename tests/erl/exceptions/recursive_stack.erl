%% Stack traces of recursive functions: one entry for calls from one place in a row.
-module(recursive_stack).
-export([main/0]).
main() ->
    show(fun() -> same(20, 3) end),
    show(fun() -> alternate(20, 3) end),
    show(fun() -> twice(20, 3) end),
    show(fun() -> deep(20) end),
    ok.

show(F) -> try F() catch error:_:S -> io:format("~p~n", [[{M, N, A, proplists:get_value(line, L)} || {M, N, A, L} <- S, M =:= ?MODULE]]) end.

same(0, N) -> 1 / (N - N);
same(D, N) -> 1 + same(D - 1, N).

alternate(0, N) -> 1 / (N - N);
alternate(D, N) -> 1 + other(D - 1, N).
other(0, N) -> 2 / (N - N);
other(D, N) -> 2 + alternate(D - 1, N).

twice(0, N) -> 1 / (N - N);
twice(D, N) when D rem 4 =:= 0 -> 1 + twice(D - 1, N);
twice(D, N) -> 2 + twice(D - 1, N).

deep(0) -> tl([]);
deep(N) -> [deep(N - 1)].
