%% Products of matrices that are tuples of tuples.
-module(matrix).
-export([main/0]).

main() ->
    M = matrix(60),
    bench:cpu(fun() -> erlang:phash2(power(5, M, M)) end, 37797355).

matrix(N) -> list_to_tuple([list_to_tuple([(I * J) rem 10 || J <- lists:seq(1, N)]) || I <- lists:seq(1, N)]).

power(1, _, Acc) -> Acc;
power(K, M, Acc) -> power(K - 1, M, times(Acc, M)).

times(A, B) ->
    N = tuple_size(A),
    list_to_tuple([list_to_tuple([cell(element(I, A), B, J, N, 0) rem 1009 || J <- lists:seq(1, N)]) || I <- lists:seq(1, N)]).

cell(_, _, _, 0, Sum) -> Sum;
cell(Row, B, J, K, Sum) -> cell(Row, B, J, K - 1, Sum + element(K, Row) * element(J, element(K, B))).
