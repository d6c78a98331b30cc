%% The whole life of the VM for one line of output. bench/run.py measures CPU time and peak memory from outside.
-module(hello).
-export([main/0]).

main() -> io:format("hello~n").
