%% Funs with environments called in long chains, as in code that composes steps.
-module(fun_pipeline).
-export([main/0]).

main() -> bench:cpu(fun() -> run(120000, pipeline(50), 0) end, 152880000).

pipeline(N) -> lists:foldl(fun(K, Next) -> fun(X) -> Next(X + K) end end, fun(X) -> X - 1 end, lists:seq(1, N)).

run(0, _F, Acc) -> Acc;
run(N, F, Acc) -> run(N - 1, F, Acc + F(0)).
