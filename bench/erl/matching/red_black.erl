%% Okasaki's red-black tree: nested patterns, rebuilt paths.
-module(red_black).
-export([main/0]).

main() -> bench:cpu(fun() -> T = fill(0, 40000, e), {depth(T), sum(T, 0)} end, {22,800176274}).

fill(N, N, T) -> T;
fill(I, N, T) -> fill(I + 1, N, insert((I * 7919) rem 40009, T)).

insert(K, T) ->
    {_, A, X, B} = put_in(K, T),
    {b, A, X, B}.

put_in(K, e) -> {r, e, K, e};
put_in(K, {C, A, X, B}) when K < X -> balance(C, put_in(K, A), X, B);
put_in(K, {C, A, X, B}) when K > X -> balance(C, A, X, put_in(K, B));
put_in(_, T) -> T.

balance(b, {r, {r, A, X, B}, Y, C}, Z, D) -> {r, {b, A, X, B}, Y, {b, C, Z, D}};
balance(b, {r, A, X, {r, B, Y, C}}, Z, D) -> {r, {b, A, X, B}, Y, {b, C, Z, D}};
balance(b, A, X, {r, {r, B, Y, C}, Z, D}) -> {r, {b, A, X, B}, Y, {b, C, Z, D}};
balance(b, A, X, {r, B, Y, {r, C, Z, D}}) -> {r, {b, A, X, B}, Y, {b, C, Z, D}};
balance(C, A, X, B) -> {C, A, X, B}.

depth(e) -> 0;
depth({_, A, _, B}) -> 1 + max(depth(A), depth(B)).

sum(e, Acc) -> Acc;
sum({_, A, X, B}, Acc) -> sum(B, sum(A, Acc + X)).
