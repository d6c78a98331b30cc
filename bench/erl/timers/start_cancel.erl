%% Timeouts that are set and nearly always cancelled.
-module(start_cancel).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(250000, 0) end, 250000).

loop(0, Acc) -> Acc;
loop(N, Acc) ->
    T = erlang:start_timer(5000 + N band 1023, self(), late),
    Left = erlang:cancel_timer(T),
    true = is_integer(Left),
    loop(N - 1, Acc + 1).
