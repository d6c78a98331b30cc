%% Many timers that fire within a few milliseconds.
-module(many_firing).
-export([main/0]).

main() ->
    bench:cpu(fun() ->
        [erlang:send_after(I band 31, self(), {fired, I}) || I <- lists:seq(1, 60000)],
        lists:sum([receive {fired, _} -> 1 end || _ <- lists:seq(1, 60000)])
    end, 60000).
