%% Maps made from nothing with keys that the compiler knows.
-module(constant_keys).
-export([main/0, reorder/2]).

main() ->
    io:format("~p~n", [[mixed(1, 2, 3), reorder(a, b), nested(5), none(), same(1, 2)]]),
    %% Values in registers that the map goes to, and in the stack.
    io:format("~p~n", [over(1, 2)]),
    %% The same keys at two places, and with others.
    A = pair(1, 2), B = pair_again(2, 1),
    io:format("~p ~p ~p~n", [A =:= B, A =:= pair_again(1, 2), A#{x := 5} =:= pair_again(5, 2)]),
    io:format("~p~n", [[maps:merge(A, three(7)), maps:merge(three(7), A), maps:merge(A, B), maps:merge(#{}, A), maps:merge(A, #{q => 1})]]),
    io:format("~p~n", [maps:merge(#{1 => a, 2.0 => b, "s" => c}, #{1.0 => d, 2 => e, {} => f})]),
    %% Many of them, through collections; messages and ETS take them apart from the code.
    L = [three(N) || N <- lists:seq(1, 20000)],
    io:format("~p~n", [lists:sum([V || #{z := V} <- L])]),
    Self = self(),
    spawn(fun() -> Self ! {map, three(now)} end),
    receive {map, M} -> io:format("~p~n", [M]) end,
    T = ets:new(t, []),
    ets:insert(T, {k, pair(x, y)}),
    io:format("~p~n", [ets:lookup(T, k)]),
    io:format("~p~n", [maps:size(limit(0))]),
    io:format("~p~n", [reloaded()]).

mixed(A, B, C) -> #{zeta => A, 17 => B, alpha => C, [] => A, -3 => B}.
reorder(A, B) -> #{'Z' => B, 'A' => A, abcdefghi => A, abcdefgh => B, abcdefghj => A, '' => B}.
nested(X) -> #{inner => #{inner => #{x => X}, x => X}, x => #{}}.
none() -> #{}.
same(A, B) -> #{k => A, l => B, 'K' => A}.
over(A, B) -> {A1, B1} = {B, A}, M = #{b => A1, a => B1}, {M, A1, B1}.
pair(A, B) -> #{x => A, y => B}.
pair_again(A, B) -> #{y => B, x => A}.
three(A) -> #{z => A, x => {A}, w => [A]}.

%% As many keys as a flat map may have, and one more.
limit(V) ->
    Small = #{a => V, b => V, c => V, d => V, e => V, f => V, g => V, h => V, i => V, j => V, k => V, l => V, m => V, n => V, o => V, p => V,
              a1 => V, b1 => V, c1 => V, d1 => V, e1 => V, f1 => V, g1 => V, h1 => V, i1 => V, j1 => V, k1 => V, l1 => V, m1 => V, n1 => V,
              o1 => V, p1 => V},
    Large = #{a => V, b => V, c => V, d => V, e => V, f => V, g => V, h => V, i => V, j => V, k => V, l => V, m => V, n => V, o => V, p => V,
              a1 => V, b1 => V, c1 => V, d1 => V, e1 => V, f1 => V, g1 => V, h1 => V, i1 => V, j1 => V, k1 => V, l1 => V, m1 => V, n1 => V,
              o1 => V, p1 => V, q1 => V},
    true = maps:remove(q1, Large) =:= Small,
    Large.

%% A map whose keys belong to code that has gone.
reloaded() ->
    Forms = fun(Keys) ->
        [{attribute, 1, module, key_owner}, {attribute, 1, export, [{make, 1}]},
         {function, 1, make, 1, [{clause, 1, [{var, 1, 'V'}], [], [{map, 1, [{map_field_assoc, 1, {atom, 1, K}, {var, 1, 'V'}} || K <- Keys]}]}]}]
    end,
    Load = fun(Keys) -> {ok, M, Bin} = compile:forms(Forms(Keys)), {module, M} = code:load_binary(M, "key_owner.erl", Bin) end,
    Load([one, two]),
    Old = key_owner:make(1),
    Load([two, three]),
    New = key_owner:make(2),
    true = code:soft_purge(key_owner),
    true = code:delete(key_owner),
    true = code:soft_purge(key_owner),
    erlang:garbage_collect(),
    {Old, New, maps:merge(Old, New)}.
