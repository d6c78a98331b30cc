%% OTP's sets over maps: union, intersection, membership.
-module(set_algebra).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(10, 0) end, 91660).

loop(0, Acc) -> Acc;
loop(N, Acc) ->
    A = sets:from_list(lists:seq(1, 9000, 2), [{version, 2}]),
    B = sets:from_list(lists:seq(1, 9000, 3), [{version, 2}]),
    U = sets:union(A, B),
    I = sets:intersection(A, B),
    S = sets:subtract(A, B),
    Hits = length([X || X <- lists:seq(1, 5000), sets:is_element(X, S)]),
    loop(N - 1, Acc + sets:size(U) + sets:size(I) + Hits).
