%% The whole life of the VM for one line of output. bench/run.py measures CPU time and peak memory from outside: for the
%% latter it sets LINTEL_BENCH, and the program waits for a line.
-module(hello).
-export([main/0]).

main() ->
    io:format("hello~n"),
    os:getenv("LINTEL_BENCH") =/= false andalso io:get_line(""),
    ok.
