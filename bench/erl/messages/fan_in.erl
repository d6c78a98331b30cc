%% Many senders, one collector that keeps counts.
-module(fan_in).
-export([main/0]).

main() ->
    bench:cpu(fun() ->
        Main = self(),
        [spawn_link(fun() -> [Main ! {I, K, <<"data">>} || K <- lists:seq(1, 500)] end) || I <- lists:seq(1, 400)],
        collect(200000, #{})
    end, 400).

collect(0, Counts) -> map_size(Counts);
collect(N, Counts) ->
    receive {I, _, <<"data">>} -> collect(N - 1, maps:update_with(I, fun(C) -> C + 1 end, 1, Counts)) end.
