%% Specifications that the compiler makes of funs, as programs write them.
-module(fun_specs).
-include_lib("stdlib/include/ms_transform.hrl").
-export([main/0]).
-record(r, {a = 1, b, c = []}).

main() ->
    T = ets:new(t, [ordered_set]), R = ets:new(r, [{keypos, #r.a}, ordered_set]),
    ets:insert(T, [{I, I * 1.5, [I, I + 1], {x, I}, <<I, (I + 1)>>, #{k => I}} || I <- lists:seq(-10, 10)]),
    ets:insert(T, [{{pair, I}, I} || I <- lists:seq(1, 5)] ++ [{self(), a, make_ref()}, {<<"bin">>, fun lists:map/2}]),
    ets:insert(R, [#r{a = I, b = I rem 3, c = lists:seq(1, I)} || I <- lists:seq(1, 20)]),
    X = 5, L = [1, 2, 3], M = #{a => [1]},
    [p(ets:select(T, S)) || S <- [
        ets:fun2ms(fun({A, B, _, _, _, _}) when A > X, B < 14 -> {A, B} end),
        ets:fun2ms(fun({A, _, C, D, _, _} = O) when abs(A) =:= 3; A == 4.0 -> {O, hd(C), tl(C), element(2, D), length(C), size(D)} end),
        ets:fun2ms(fun({A, B, _, _, _, _}) when is_integer(A) andalso (A rem 2 =:= 0 orelse A div 3 =:= 2), not (A < 0) -> [trunc(B), round(B), A bsl 2, A bsr 1, A band 3, A bor 1, A bxor 7, bnot A, -A, +A] end),
        ets:fun2ms(fun({A, _, _, _, E, F}) when A > 7, is_map(F), map_size(F) == 1, is_binary(E), byte_size(E) == 2, bit_size(E) == 16 -> {F, E, map_get(k, F), is_map_key(z, F), binary_part(E, 0, 1)} end),
        ets:fun2ms(fun({{pair, I}, I}) -> [I | L] end),
        ets:fun2ms(fun({{pair, I}, J}) when I =/= J; I /= J -> no; ({{pair, I}, _}) when I =< 2 -> {M, I}; ({{pair, _}, _} = A) -> A end),
        ets:fun2ms(fun({A, _, _}) when is_pid(A), A =:= self(), is_reference(A) =:= false -> mine end),
        ets:fun2ms(fun({A, B, C}) when is_pid(A), is_atom(B), is_reference(C), node(A) =:= node(), node() =:= node(C) -> yes end),
        ets:fun2ms(fun({A, B}) when is_binary(A), is_function(B) -> A end),
        ets:fun2ms(fun({A, B, _, _, _, _}) when is_float(B), is_number(A), A xor true -> a; ({A, B, _, _, _, _}) when is_float(B), A > 8 -> {trunc(B), float(A)} end),
        ets:fun2ms(fun({_, _, _, {x, I}, _, _}) when (I =:= 1) or (I =:= 2) and true -> I end),
        ets:fun2ms(fun({_, _, [H | _], {x, I}, _, _}) when H == I, I > 8 -> object() end),
        ets:fun2ms(fun({_, _, [H | _], {x, I}, _, _}) when H == I, I > 9 -> bindings() end)]],
    [p(ets:select(R, S)) || S <- [
        ets:fun2ms(fun(#r{a = A, b = 2}) -> A end),
        ets:fun2ms(fun(#r{c = [_, _]} = Rec) -> Rec end),
        ets:fun2ms(fun(#r{a = A} = Rec) when is_record(Rec, r), A < 3 -> Rec#r{c = changed} end),
        ets:fun2ms(fun(#r{a = A} = Rec) when Rec#r.b =:= 1, A > 15 -> Rec#r.a end)]],
    p(ets:select_count(R, ets:fun2ms(fun(#r{a = A}) when A > 10 -> true end))),
    p(ets:select_replace(R, ets:fun2ms(fun(#r{a = A, b = 1} = Rec) when A < 10 -> Rec#r{b = one} end))),
    p(ets:select_replace(T, ets:fun2ms(fun({{pair, I}, J}) -> {{pair, I}, {J, J}} end))),
    p(ets:select(T, ets:fun2ms(fun({{pair, I}, _} = O) when I > 3 -> O end))),
    p(ets:select_delete(R, ets:fun2ms(fun(#r{b = one}) -> true end))),
    p(ets:select(R, ets:fun2ms(fun(#r{a = A}) -> A end), 4) =/= '$end_of_table'),
    p(ets:select_reverse(R, ets:fun2ms(fun(#r{a = A}) -> A end))).

p(X) -> io:format("~w~n", [scrub(X)]).
scrub(X) when is_list(X), length(X) > 0 -> [scrub(E) || E <- X];
scrub(X) when is_pid(X); is_reference(X) -> gone;
scrub(X) -> X.
