%% Conway's game of life on an endless board of living cells in a set.
-module(life).
-export([main/0]).

main() -> bench:cpu(fun() -> length(run(60, [{0, 1}, {1, 0}, {1, 1}, {1, 2}, {2, 2}])) end, 79).

run(0, Cells) -> Cells;
run(N, Cells) -> run(N - 1, step(Cells)).

step(Cells) ->
    Alive = maps:from_list([{C, true} || C <- Cells]),
    Counts = lists:foldl(fun(C, M) -> maps:update_with(C, fun(K) -> K + 1 end, 1, M) end, #{},
                         [{X + Dx, Y + Dy} || {X, Y} <- Cells, Dx <- [-1, 0, 1], Dy <- [-1, 0, 1], {Dx, Dy} =/= {0, 0}]),
    [C || {C, N} <- maps:to_list(Counts), N =:= 3 orelse (N =:= 2 andalso is_map_key(C, Alive))].
