%% Seed for verify_fuzz: tuples, lists, maps, records, floats, selects, BIFs.
-module(f_data).
-export([t/1, r/2, m/2, fl/2, sel/1, bi/2, se/3, lst/1, big/2]).
-record(r, {a, b = 1, c}).

t({a, X, Y}) -> [X, Y | {X}];
t({b, {X, Y}}) when X > Y -> {Y, X, [[]]};
t([A, B | C]) -> {A, B, C, {A, B, "lit", 1.5}};
t(X) when is_tuple(X), tuple_size(X) > 1 -> element(2, X);
t(_) -> none.

r(#r{a = A} = R, X) -> R#r{b = {A, X}, c = [R]};
r(A, B) -> #r{a = A, c = B}.

m(#{a := A} = M, B) -> M#{a := B, c => A, {B} => 1};
m(K, V) -> M = #{a => K, V => 2}, {maps:get(a, M), M#{K => V, b => 3}, is_map_key(K, M), map_size(M)}.

fl(A, B) when is_float(A) -> (A * 2.0 + B) / 3.0 - A;
fl(A, B) -> X = A * 1.0, Y = B + X, {X - Y, -(X * Y), trunc(X)}.

sel(1) -> a; sel(2) -> b; sel(-77) -> c;
sel(foo) -> d; sel(bar) -> e; sel(ok) -> f;
sel({_}) -> g; sel({_, _}) -> h; sel({_, _, _}) -> i;
sel(1.5) -> j; sel(<<>>) -> k; sel(_) -> l.

bi(A, B) -> {A + B, A * B, A - 1, A band 7, A bsl 3, length([A, B]), abs(B), A == B, A < B, {A} =:= {B}, [A] ++ [B]}.

se(T, A, B) -> setelement(1, setelement(2, T, A), B).

lst([H | T]) -> [{H} | lst(T)];
lst([]) -> [];
lst(X) -> [Y || Y <- [X, 1, 2, X], Y =/= 1].

big(A, B) -> (A bsl 100) rem ((B bsl 30) bor 1) + 16#ffffffffffffffffffff.
