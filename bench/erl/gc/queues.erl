%% A queue that is always being filled and emptied: data of middling age.
-module(queues).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(400000, fill(5000, queue:new()), 0) end, 6434112).

fill(0, Q) -> Q;
fill(N, Q) -> fill(N - 1, queue:in({job, N, "payload"}, Q)).

loop(0, _, Acc) -> Acc;
loop(N, Q, Acc) ->
    {{value, {job, K, _}}, Q1} = queue:out(Q),
    loop(N - 1, queue:in({job, N, [K]}, Q1), (Acc + K) band 16#FFFFFF).
