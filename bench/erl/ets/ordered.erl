%% An ordered table: insertion in random order, walks, deletion.
-module(ordered).
-export([main/0]).

main() -> bench:cpu(fun() -> T = ets:new(t, [ordered_set]), fill(40000, T), R = walk(ets:first(T), T, 0), drop(40000, T), R + ets:info(T, size) end, 865273).

fill(0, _) -> ok;
fill(N, T) -> ets:insert(T, {(N * 7919) rem 40009, N}), fill(N - 1, T).

walk('$end_of_table', _, Acc) -> Acc;
walk(K, T, Acc) -> walk(ets:next(T, K), T, (Acc * 3 + K) rem 1000003).

drop(0, _) -> ok;
drop(N, T) -> ets:delete(T, (N * 7919) rem 40009), drop(N - 1, T).
