%% Lines to a program and back.
-module(port_echo).
-export([main/0]).

main() ->
    bench:wall(fun() ->
        P = open_port({spawn_executable, "/bin/cat"}, [binary, use_stdio, {packet, 2}]),
        Sum = ask(10000, P, 0),
        port_close(P),
        Sum
    end, 10000 * 10001 div 2).

ask(0, _, Sum) -> Sum;
ask(N, P, Sum) ->
    true = port_command(P, <<N:32, " and more">>),
    receive {P, {data, <<K:32, _/binary>>}} -> ask(N - 1, P, Sum + K) end.
