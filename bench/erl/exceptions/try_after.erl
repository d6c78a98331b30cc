%% Protected sections that succeed: try, after, of.
-module(try_after).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(1500000, 0) end, 5250000).

loop(0, Acc) -> Acc;
loop(N, Acc) ->
    R = try work(N) of
        {ok, X} -> X
    catch
        _:_ -> 0
    after
        put(last, N)
    end,
    loop(N - 1, Acc + R).

work(N) -> {ok, N band 7}.
