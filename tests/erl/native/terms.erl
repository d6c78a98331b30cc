%% Tuples, lists, maps, funs, calls and messages as machine code has them, each case run often enough to be compiled before it is printed.
-module(terms).
-export([main/0, twice/1, thrice/2]).

-record(r, {a, b = 2, c = [x], d}).

main() ->
    Cases = [{N, F} || {N, F} <- cases()],
    [[F(I) || I <- lists:seq(1, 70)] || {_, F} <- Cases],
    [io:format("~p: ~p~n", [N, [F(I) || I <- lists:seq(1, 12)]]) || {N, F} <- Cases],
    ok.

try_it(F) ->
    try F()
    catch C:{badmatch, M} when is_map(M) -> {C, badmatch, lists:sort(maps:to_list(M))};
          C:R -> {C, R}
    end.

cases() ->
    [{setelement, fun(I) -> [try_it(fun() -> setelement(I rem 6, T, I) end) || T <- [{}, {1}, {1, 2, 3}, {1, 2, 3, 4, 5}, list_to_tuple(lists:seq(1, 40)), [a], x]] end},
     {element, fun(I) -> [try_it(fun() -> element(I - 2, T) end) || T <- [{}, {1}, {1, 2, 3}, list_to_tuple(lists:seq(1, 40)), [a], #{}]] end},
     {constant_element, fun(I) -> [try_it(fun() -> {element(1, T), element(3, T)} end) || T <- [{I}, {I, 2, 3}, I, [I]]] end},
     {records, fun(I) -> R = #r{a = I}, {R#r{b = I, d = R}, R#r.c, is_record(R, r), try_it(fun() -> (other(I))#r.a end)} end},
     {heads, fun(I) -> [try_it(fun() -> {hd(L), tl(L)} end) || L <- [[], [I], [I | I], I, {I}]] end},
     {fields, fun(I) -> [fields(M, I) || M <- maps()] end},
     {update, fun(I) -> [update(M, I) || M <- maps()] end},
     {several, fun(I) -> [several(M, I) || M <- maps()] end},
     {made, fun(I) -> {#{a => I, {b, I} => 2}, #{I => I}, #{a => I, b => I, c => [I]}} end},
     {variable_key, fun(I) -> [variable_key(M, K) || M <- maps(), K <- [a, I, 1.0, "x", {k, 3}, <<"bin">>]] end},
     {funs, fun(I) -> A = I, B = {I}, C = [I], D = "d", E = I * 2, F = e,
         {apply_it(fun() -> I end), apply_it(fun() -> {A, B} end), apply_it(fun() -> {A, B, C} end), apply_it(fun() -> {A, B, C, D} end), apply_it(fun() -> {A, B, C, D, E} end),
          apply_it(fun() -> {A, B, C, D, E, F} end), apply_it(fun lists:reverse/1), apply_it(x), apply_it(fun(X) -> X end)} end},
     {many_arguments, fun(I) -> many(I, 2, 3, 4, 5, 6, 7, 8, 9, fun(A, B, C, D, E, F, G, H) -> {H, G, F, E, D, C, B, A, I} end) end},
     {callbacks, fun(I) -> M = lists:nth(I rem 3 + 1, [?MODULE, lists, nowhere]), F = lists:nth(I rem 2 + 1, [twice, reverse]), try_it(fun() -> M:F(arguments(I)) end) end},
     {bad_callbacks, fun(I) -> [try_it(fun() -> M:twice(I) end) || M <- [?MODULE, I, {x}, []]] end},
     {three, fun(I) -> M = ?MODULE, F = thrice, {M:F(I, x), apply(M, F, [I, y]), erlang:apply(fun thrice/2, [I, z])} end},
     {exceptions, fun(I) -> {caught(I), after_it(I), catch raises(I), nested(I)} end},
     {deep, fun(I) -> {count(I * 300), length(copy(lists:seq(1, I * 200))), lists:sum(tree(I))} end},
     {messages, fun(I) -> self() ! {x, I}, self() ! {y, I}, {receive {y, V} -> V end, receive {x, W} -> W after 0 -> none end, receive z -> z after 0 -> none end} end},
     {calls, fun(I) -> {gen(I), gen({I})} end},
     {arity, fun(I) -> [arity(T) || T <- [{}, {I}, {I, 2}, {I, 2, 3}, {1, 2, 3, 4}, [I], I]] end},
     {atoms, fun(I) -> [atom(A) || A <- [a, b, c, d, e, f, g, h, i, true, false, [], I, {}]] end},
     {types, fun(I) -> [types(T) || T <- [a, I, 1.5, 1 bsl 80, [], [I], {}, #{}, <<>>, <<1:3>>, fun() -> ok end, self(), make_ref(), true]] end},
     {guards, fun(I) -> [guards(T, I) || T <- [[], [1, 2], {1, 2}, #{a => 1}, <<"abc">>, "abc", 5, -5, 1.5, improper()]] end}].

improper() -> [1 | 2].
other(I) when I rem 2 =:= 0 -> {other, I};
other(I) -> #r{a = I}.
arguments(I) when I rem 4 =:= 0 -> not_a_list;
arguments(I) -> [I, I + 1].
twice(X) -> {X, X}.
thrice(X, Y) -> {X, Y, X}.

maps() ->
    Large = maps:from_list([{K, K} || K <- lists:seq(1, 40)]),
    [#{}, #{a => 1}, #{a => 1, b => 2, c => 3}, #{b => 2}, Large, Large#{a => 1, b => 2}, not_a_map, [{a, 1}], maps:from_list([{{k, K}, K} || K <- lists:seq(1, 10)] ++ [{a, x}, {1.0, f}, {<<"bin">>, g}])].

fields(#{a := A, b := B}, I) -> {A, B, I};
fields(#{a := A}, I) -> {A, I};
fields(M, _) when is_map(M) -> map;
fields(_, _) -> none.
update(M, I) -> {try_it(fun() -> lists:sort(maps:to_list(M#{a := I})) end), try_it(fun() -> map_size(M#{a => I}) end), try_it(fun() -> maps:get(a, M#{a => I}) end)}.
several(M, I) -> {try_it(fun() -> X = M#{a := I, b := {I}}, {map_get(a, X), map_get(b, X), map_size(X)} end), try_it(fun() -> map_size(M#{b => 1, z => I, a => 3}) end), try_it(fun() -> lists:sort(maps:to_list(M#{a := I, zz := 1})) end)}.
variable_key(M, K) -> {try_it(fun() -> #{K := V} = M, V end), try_it(fun() -> map_get(K, M) end), try_it(fun() -> map_size(M#{K => 1}) end), if is_map_key(K, M) -> yes; true -> no end}.

apply_it(F) -> try_it(fun() -> apply_now(F) end).
apply_now(F) when is_function(F, 1) -> F([1, 2]);
apply_now(F) -> R = F(), {R}.

many(A, B, C, D, E, F, G, H, I, Fun) -> {Fun(A, B, C, D, E, F, G, H), I, swap(A, B, C, D, E, F, G, H, I)}.
swap(A, B, C, D, E, F, G, H, I) when A > 100 -> {A, B, C, D, E, F, G, H, I};
swap(A, B, C, D, E, F, G, H, I) -> swap(B + 50, A, D, C, F, E, H, G, I + 1).

raises(I) when I rem 4 =:= 0 -> throw({t, I});
raises(I) when I rem 4 =:= 1 -> error({e, I});
raises(I) when I rem 4 =:= 2 -> exit({x, I});
raises(I) -> I.
caught(I) -> try {ok, raises(I)} of {ok, V} -> {value, V} catch throw:T -> {thrown, T}; C:R:S -> {C, R, [{M, F, A} || {M, F, A, _} <- lists:sublist(S, 2)]} end.
after_it(I) -> try try raises(I) after put(seen, I) end catch _:_ -> get(seen) end.
nested(I) -> (catch {x, (catch [raises(I), raises(I + 1)])}).

count(0) -> 0;
count(N) -> 1 + count(N - 1).
copy([]) -> [];
copy([H | T]) -> [H | copy(T)].
tree(0) -> [1];
tree(N) when N > 10 -> tree(10);
tree(N) -> tree(N - 1) ++ tree(N - 1).

gen(X) ->
    S = self(),
    {P, R} = spawn_monitor(fun() -> receive {S, M} -> S ! {self(), {got, M}} end end),
    P ! {S, X},
    A = receive {P, Answer} -> Answer end,
    receive {'DOWN', R, process, P, Why} -> {A, Why} end.

arity({}) -> 0;
arity({_}) -> 1;
arity({_, _}) -> 2;
arity({A, 2, B}) -> {A, B};
arity(T) when is_tuple(T) -> tuple_size(T);
arity(_) -> none.

atom(a) -> 1;
atom(b) -> 2;
atom(c) -> 3;
atom(d) -> 4;
atom(e) -> 5;
atom(f) -> 6;
atom(g) -> 7;
atom(h) -> 8;
atom(true) -> t;
atom([]) -> nil;
atom(_) -> other.

types(T) ->
    [is_atom(T), is_boolean(T), is_integer(T), is_float(T), is_number(T), is_list(T), is_tuple(T), is_map(T), is_binary(T), is_bitstring(T), is_function(T), is_function(T, 0), is_pid(T), is_reference(T), is_port(T),
     if is_atom(T) -> atom; is_function(T, 0) -> f; is_pid(T) -> pid; is_reference(T) -> ref; is_binary(T) -> binary; is_bitstring(T) -> bits; is_map(T) -> map; is_tuple(T) -> tuple; is_list(T) -> list;
        is_float(T) -> float; is_integer(T) -> integer end].

guards(T, I) ->
    {if length(T) > 1 -> long; true -> no end, if tuple_size(T) =:= 2 -> pair; true -> no end, if map_size(T) > 0 -> map; true -> no end, if byte_size(T) > 2 -> bytes; true -> no end,
     if hd(T) =:= 1 -> one; true -> no end, if element(2, T) =:= 2 -> two; true -> no end, if abs(T) =:= 5 -> five; true -> no end, if is_list(T), length(T) =:= 0; T =:= 5 -> either; true -> no end,
     if map_get(a, T) =:= 1 -> a; true -> no end, if T < I -> less; true -> no end, if (T =:= []) or (T =:= {1, 2}) -> both; true -> no end, if round(T) > 0 -> rounded; true -> no end}.
