%% Bags: an index of words to places.
-module(bags).
-export([main/0]).

main() ->
    bench:cpu(fun() ->
        T = ets:new(t, [duplicate_bag]),
        [ets:insert(T, {I * 7919 rem 2000, I}) || I <- lists:seq(1, 60000)],
        R = lists:sum([length(ets:lookup(T, K)) || K <- lists:seq(0, 1999)]),
        [ets:delete(T, K) || K <- lists:seq(0, 999)],
        Left = ets:info(T, size),
        ets:delete(T),
        {R, Left}
    end, {60000, 30000}).
