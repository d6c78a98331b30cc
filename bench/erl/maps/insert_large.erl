%% Integer and tuple keys put into a growing map one by one.
-module(insert_large).
-export([main/0]).

main() ->
    bench:cpu(fun() ->
        A = lists:foldl(fun(I, M) -> M#{(I * 7919) rem 1000003 => I} end, #{}, lists:seq(1, 60000)),
        B = lists:foldl(fun(I, M) -> maps:put({user, I rem 5000}, I, M) end, #{}, lists:seq(1, 40000)),
        {map_size(A), map_size(B)}
    end, {60000, 5000}).
