%% throw, error and exit through try, catch and old catch.
-module(classes).
-export([main/0]).

main() ->
    [io:format("~p~n", [t(F)]) || F <- [fun() -> throw(x) end, fun() -> error(x) end, fun() -> exit(x) end, fun() -> value end, fun() -> erlang:raise(throw, r, []) end]],
    io:format("~p~n", [[catch throw(x), catch exit(x), element(2, element(2, (catch error(y)))) =/= [], catch value]]),
    io:format("~p~n", [catch try 1 of 2 -> no; 1 -> throw(from_of) catch throw:_ -> caught_wrongly after io:format("after~n") end]).

t(F) ->
    try F() of
        V -> {value, V}
    catch
        throw:R -> {thrown, R};
        error:R -> {error, R};
        exit:R -> {exit, R}
    after
        io:format("cleanup~n")
    end.
