%% erlang:raise/3 keeps class, reason and stack; bad arguments return badarg.
-module(raise).
-export([main/0]).

main() ->
    try erlang:raise(error, foo, [{m, f, 1, [{file, "x"}, {line, 3}]}]) catch C:R:S -> io:format("~p~n", [{C, R, S}]) end,
    try erlang:raise(exit, foo, [{m, f, [a, b], []}]) catch C1:R1:S1 -> io:format("~p~n", [{C1, R1, S1}]) end,
    io:format("~p~n", [catch erlang:raise(id(nonsense), foo, [])]),
    io:format("~p~n", [catch erlang:raise(error, foo, id([bad]))]),
    try
        try error(inner) catch K:V:T -> io:format("~p~n", [length(T) > 0]), erlang:raise(K, {wrapped, V}, T) end
    catch
        error:W:T2 -> io:format("~p ~p~n", [W, hd(T2)])
    end.

id(X) -> X.
