%% Eleven queens by one process for each first column, and messages for the counts.
-module(par_queens).
-export([main/0]).

main() ->
    bench:wall(fun() ->
        Main = self(),
        [spawn_link(fun() -> Main ! {count, place(10, 11, [C])} end) || C <- lists:seq(1, 11)],
        lists:sum([receive {count, N} -> N end || _ <- lists:seq(1, 11)])
    end, 2680).

place(0, _, _) -> 1;
place(K, N, Board) -> lists:sum([place(K - 1, N, [C | Board]) || C <- lists:seq(1, N), safe(C, 1, Board)]).

safe(_, _, []) -> true;
safe(C, D, [B | Bs]) when C =/= B, C =/= B + D, C =/= B - D -> safe(C, D + 1, Bs);
safe(_, _, _) -> false.
