%% Regular expressions.
-module(re_basic).
-export([main/0]).

main() ->
    io:format("~p~n", [[re:run("hello world", "o w"), re:run("abc123", "([a-z]+)([0-9]+)", [{capture, all, list}]), re:replace("aXbX", "X", "-", [global, {return, list}]), re:split("a, b,c", ",\\s*", [{return, list}]), re:run("abc", "x")]]).
