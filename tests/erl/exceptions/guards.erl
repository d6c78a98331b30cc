%% Failing guards are false; guard BIFs, andalso/orelse, comma and semicolon.
-module(guards).
-export([main/0]).

main() ->
    [io:format("~p~n", [g(X)]) || X <- [1, 2.5, a, "s", {1}, {1, 2}, <<"b">>, <<1:3>>, #{k => v}, self(), make_ref(), fun() -> ok end, [], {}, -5, 100, {a, b, c}]],
    io:format("~p~n", [[b(X, Y) || X <- [true, false, maybe_], Y <- [true, false, 3]]]).

g(X) when hd(X) =:= $s -> starts_with_s;
g(X) when element(2, X) > 1 -> {second, element(2, X)};
g(X) when is_integer(X), X < 0; X =:= 100 -> negative_or_hundred;
g(X) when map_get(k, X) =:= v -> map_with_k;
g(X) when is_float(X) orelse X =:= 1 -> number;
g(X) when bit_size(X) rem 8 =/= 0 -> bits;
g(X) when byte_size(X) > 0 -> bytes;
g(X) when tuple_size(X) =:= 0 -> empty_tuple;
g(X) when is_pid(X) or is_reference(X) -> identifier;
g(X) when is_function(X, 0) -> fun0;
g([]) -> nil;
g(X) when not is_atom(X) -> other;
g(_) -> atom.

b(X, Y) -> try {X andalso Y, X orelse Y} catch error:R -> R end.
