%% Time read in all ways.
-module(clocks).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(400000, erlang:monotonic_time()) end, ok).

loop(0, _) -> ok;
loop(N, Before) ->
    Now = erlang:monotonic_time(),
    true = Now >= Before,
    true = erlang:system_time(millisecond) > 0,
    {_, _, _} = os:timestamp(),
    _ = erlang:unique_integer([monotonic]),
    loop(N - 1, Now).
