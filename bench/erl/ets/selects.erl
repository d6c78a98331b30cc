%% Match specifications: select, match, select_count, foldl, tab2list.
-module(selects).
-export([main/0]).

main() ->
    T = ets:new(t, [set, public]),
    ets:insert(T, [{I, I rem 100, {name, I rem 7}, <<"row">>} || I <- lists:seq(1, 20000)]),
    bench:cpu(fun() -> loop(8, T, 0) end, 1600280420).

loop(0, _, Acc) -> Acc;
loop(N, T, Acc) ->
    A = length(ets:select(T, [{{'$1', '$2', '_', '_'}, [{'<', '$2', 10}, {'>', '$1', N}], [{{'$1', '$2'}}]}])),
    B = length(ets:match(T, {'$1', 5, {name, '_'}, '_'})),
    C = ets:select_count(T, [{{'_', '_', {name, 3}, '_'}, [], [true]}]),
    D = ets:foldl(fun({K, _, _, _}, S) -> S + K end, 0, T),
    loop(N - 1, T, Acc + A + B + C + D + length(ets:tab2list(T))).
