%% Calls of what does not exist.
-module(undefined_function).
-export([main/0]).

main() ->
    show(fun() -> no_such_module:f(1, 2) end),
    show(fun() -> lists:no_such_function(a) end),
    show(fun() -> ?MODULE:missing() end),
    show(fun() -> (fun no_such_module:g/1)(x) end),
    show(fun() -> apply(lists, reverse, [1, 2, 3, 4]) end).

show(F) ->
    try F() catch C:R:S -> io:format("~p ~p ~p~n", [C, R, hd(S)]) end.
