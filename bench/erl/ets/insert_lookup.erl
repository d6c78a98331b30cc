%% A set table filled and read.
-module(insert_lookup).
-export([main/0]).

main() -> bench:cpu(fun() -> T = ets:new(t, [set]), fill(60000, T), R = read(180000, T, 0), ets:delete(T), R end, 9257279833).

fill(0, _) -> ok;
fill(N, T) -> ets:insert(T, {N, N * 2, "value", {a, N}}), fill(N - 1, T).

read(0, _, Acc) -> Acc;
read(N, T, Acc) ->
    case ets:lookup(T, (N * 7919) rem 70000) of
        [{_, V, _, _}] -> read(N - 1, T, Acc + V);
        [] -> read(N - 1, T, Acc + 1)
    end.
