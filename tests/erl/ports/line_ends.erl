%% {line, Longest}: LF and CR LF end lines; a line of just the longest size is whole if its end follows; what is left when the program ends.
-module(line_ends).
-export([main/0]).

main() ->
    [show({Text, Longest, Options}, lines(Text, Longest, Options)) ||
        Text <- ["a\\nb\\r\\nc", "12345\\n12345\\r\\n", "1234567890", "12345\\r", "1234567\\r\\n8", "a\\rb\\r\\r\\n", "\\n\\r\\n", "", "12345", "\\r"],
        {Longest, Options} <- [{5, []}, {5, [binary]}, {1, []}]],
    busy().

lines(Text, Longest, Options) ->
    P = open_port({spawn, "printf '" ++ Text ++ "'"}, [{line, Longest}, eof | Options]),
    collect(P).

collect(P) ->
    receive
        {P, {data, Data}} -> [Data | collect(P)];
        {P, eof} -> port_close(P), []
    after 5000 -> [timeout]
    end.

%% Who sends to a port that is busy waits until it is not, or says so.
busy() ->
    P = open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", "sleep 0.3; cat > /dev/null"]}]),
    Data = binary:copy(<<"x">>, 1000000),
    P ! {self(), {command, Data}},
    show(nosuspend, {erlang:send(P, {self(), {command, "y"}}, [nosuspend]), port_command(P, "y", [nosuspend])}),
    T = erlang:monotonic_time(millisecond),
    P ! {self(), {command, "z"}},
    show(waited, erlang:monotonic_time(millisecond) - T > 100),
    show(again, erlang:send(P, {self(), {command, "y"}}, [nosuspend])),
    show(closed, begin P ! {self(), close}, receive {P, closed} -> ok end end).

show(What, Result) -> io:format("~p: ~p~n", [What, Result]).
