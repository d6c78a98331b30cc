%% Stack traces through functions of the preloaded modules.
-module(preloaded_stack).
-export([main/0]).

main() ->
    [try F() catch C:R:S -> io:format("~p ~p ~p~n", [C, R, hd(S)]) end
     || F <- [fun() -> spawn(id(1)) end, fun() -> erlang:send(id(no_such_name), hi) end]].

id(X) -> X.
