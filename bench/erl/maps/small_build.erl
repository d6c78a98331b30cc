%% Small maps made, compared and taken apart: options, rows, events.
-module(small_build).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(250000, 0) end, 97101240).

loop(0, Acc) -> Acc;
loop(N, Acc) ->
    Row = #{id => N, kind => event, value => N band 255},
    Options = maps:merge(#{timeout => 5000, retries => 3, kind => none}, Row),
    #{kind := event, value := V, retries := R} = Options,
    K = maps:size(maps:remove(timeout, Options#{extra => V})),
    E = case Row =:= #{id => N, kind => event, value => V} of true -> 1; false -> 0 end,
    loop(N - 1, Acc + V * R + K + E).
