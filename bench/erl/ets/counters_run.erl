%% update_counter, update_element, lookup_element, member.
-module(counters_run).
-export([main/0]).

main() ->
    bench:cpu(fun() ->
        T = ets:new(t, [set, public]),
        ets:insert(T, [{K, 0, none} || K <- lists:seq(0, 99)]),
        R = loop(250000, T),
        ets:delete(T),
        R
    end, 750000).

loop(0, T) -> lists:sum([ets:lookup_element(T, K, 2) || K <- lists:seq(0, 99)]);
loop(N, T) ->
    K = N rem 100,
    ets:update_counter(T, K, 3),
    true = ets:update_element(T, K, {3, N}),
    true = ets:member(T, K),
    N = ets:lookup_element(T, K, 3),
    loop(N - 1, T).
