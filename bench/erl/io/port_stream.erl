%% Much output of a program.
-module(port_stream).
-export([main/0]).

main() ->
    bench:wall(fun() ->
        P = open_port({spawn_executable, "/usr/bin/head"}, [binary, use_stdio, exit_status, stream, {args, ["-c", "100000000", "/dev/zero"]}]),
        drain(P, 0)
    end, 100000000).

drain(P, Sum) ->
    receive
        {P, {data, Data}} -> drain(P, Sum + byte_size(Data));
        {P, {exit_status, 0}} -> Sum
    end.
