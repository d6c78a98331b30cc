%% No clause matches: reason and top of the stack.
-module(function_clause).
-export([main/0]).

main() ->
    show(fun() -> f(c, [1, 2]) end),
    show(fun() -> (fun(a) -> ok end)(id(b)) end),
    show(fun() -> lists:nth(0, [a]) end),
    show(fun() -> lists:map(foo, bar) end).

f(a, _) -> 1;
f(b, _) -> 2.

id(X) -> X.

show(F) ->
    try F() catch C:R:S -> [Top | _] = S, io:format("~p ~p ~p~n", [C, R, Top]) end.
