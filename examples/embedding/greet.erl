%% A program: what lintel_run and `lintel run` start.
-module(greet).
-export([main/1]).

main([Name]) -> io:format("Hello, ~s!~n", [Name]);
main(_) -> halt(2).
