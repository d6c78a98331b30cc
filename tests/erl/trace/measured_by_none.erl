%% The time of calls is not measured any more when the tracer has gone.
-module(measured_by_none).
-export([main/0, traced/1]).

main() ->
    Me = self(),
    {Tracer, Ref} = spawn_monitor(fun() ->
        erlang:trace(Me, true, [call]),
        erlang:trace_pattern({?MODULE, traced, 1}, true, [local, call_time]),
        Me ! on,
        receive stop -> ok end
    end),
    receive on -> ok end,
    [traced(N) || N <- lists:seq(1, 5)],
    io:format("~p~n", [calls()]),
    erlang:trace_pattern({?MODULE, traced, 1}, restart, [call_time]),
    Tracer ! stop,
    receive {'DOWN', Ref, _, _, Why} -> io:format("~p~n", [Why]) end,
    [traced(N) || N <- lists:seq(1, 3)],
    io:format("~p~n", [calls()]).

traced(N) -> N.

calls() ->
    {call_time, Times} = erlang:trace_info({?MODULE, traced, 1}, call_time),
    [Calls || {_, Calls, _, _} <- Times].
