%% Whole stack traces: module, function, arity or args, file, line.
-module(stack_traces).
-export([main/0]).

main() ->
    show(fun() -> outer(1) end),
    show(fun() -> bad_case(5) end),
    show(fun() -> bad_if(5) end),
    show(fun() -> bad_match(5) end),
    show(fun() -> bif_inside(abc) end),
    show(fun() -> no_clause(5, [x]) end),
    show(fun() -> lists:foldl(fun(X, A) -> X + A end, 0, [1, a]) end),
    show(fun() -> lists:map(fun(X) -> atom_to_list(X) end, [a, 1]) end),
    show(fun() -> error(mine, [some, args]) end),
    show(fun() -> erlang:error(mine, none) end),
    show(fun() -> deep(20) end),
    show(fun() -> try_value(3) end).

outer(X) -> {inner(X)}.

inner(X) -> [X / zero(X) | []].

zero(_) -> 0.

bad_case(X) -> case X of 1 -> one; 2 -> two end.

bad_if(X) -> if X < 1 -> one; X > 9 -> nine end.

bad_match(X) -> {ok, Y} = id(X), Y.

id(X) -> X.

bif_inside(X) -> 1 + list_to_integer(X).

no_clause(1, _) -> ok.

deep(0) -> error(bottom);
deep(N) -> 1 + deep(N - 1).

try_value(X) -> try X of 1 -> a; 2 -> b catch _:_ -> c end.

show(F) ->
    try F() of V -> io:format("value ~p~n", [V]) catch C:R:S -> io:format("~p ~p~n~p~n", [C, R, S]) end.
