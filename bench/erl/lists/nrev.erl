%% Naive reverse of short and of long lists: appending written out.
-module(nrev).
-export([main/0]).

main() ->
    {Short, Long} = {lists:seq(1, 30), lists:seq(1, 600)},
    bench:cpu(fun() -> {repeat(10000, Short), repeat(20, Long)} end, {30, 600}).

repeat(1, L) -> hd(nrev(L));
repeat(N, L) -> nrev(L), repeat(N - 1, L).

nrev([]) -> [];
nrev([X | Xs]) -> append(nrev(Xs), [X]).

append([], Ys) -> Ys;
append([X | Xs], Ys) -> [X | append(Xs, Ys)].
