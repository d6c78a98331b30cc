%% OTP's functional arrays: tuples in trees.
-module(array_store).
-export([main/0]).

main() -> bench:cpu(fun() -> A = fill(0, 50000, array:new(50000)), bump(100000, A) end, 50233).

fill(N, N, A) -> A;
fill(I, N, A) -> fill(I + 1, N, array:set(I, I * 3, A)).

bump(0, A) -> array:get(77, A) + array:sparse_size(A);
bump(K, A) ->
    I = (K * 7919) rem 50000,
    bump(K - 1, array:set(I, array:get(I, A) + 1, A)).
