%% Short-lived garbage beside a million live cells.
-module(churn).
-export([main/0]).

main() ->
    bench:cpu(fun() ->
        Live = lists:seq(1, 1000000),
        Sum = churn(300, 0),
        Sum + length(Live)
    end, 1001800).

churn(0, Acc) -> Acc;
churn(N, Acc) -> churn(N - 1, Acc + lists:sum([X * 2 || X <- lists:seq(1, 5000)]) rem 7).
