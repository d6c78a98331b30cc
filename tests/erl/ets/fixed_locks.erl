%% The number of locks that OTP's own tests ask for.
-module(fixed_locks).
-export([main/0]).

main() ->
    [io:format("~p ~p~n", [Type, [made(Type, N) || N <- [0, 1, 64, 65, 129, 2048, 30000, 32768, 32769, a]]]) || Type <- [set, bag, duplicate_bag, ordered_set]],
    T = ets:new(t, [private, {write_concurrency, {debug_hash_fixed_number_of_locks, 256}}]),
    io:format("~p ~p~n", [ets:info(T, write_concurrency), ets:info(T, decentralized_counters)]),
    io:format("~p~n", [erlang:system_info(ets_always_compress)]).

made(Type, N) ->
    try ets:new(t, [Type, public, {write_concurrency, {debug_hash_fixed_number_of_locks, N}}]) of
        T ->
            ets:insert(T, [{K, K} || K <- lists:seq(1, 100)]),
            {ets:info(T, write_concurrency), ets:info(T, decentralized_counters), ets:info(T, size)}
    catch error:Why -> Why
    end.
