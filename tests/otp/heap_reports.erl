%% What is logged of a process that is beyond its max_heap_size.
-module(heap_reports).
-export([main/0, log/2]).

log(Event, #{config := To}) -> To ! {logged, Event}.

main() ->
    logger:remove_handler(default),
    ok = logger:add_handler(?MODULE, ?MODULE, #{config => self()}),
    [report(Limit) || Limit <- [5000, #{size => 5000}, #{size => 5000, kill => false}, #{size => 5000, error_logger => false}]].

report(Limit) ->
    Pid = spawn_opt(fun() -> receive go -> grow(5000, []), receive stop -> ok end end end, [{max_heap_size, Limit}]),
    Ref = monitor(process, Pid),
    Pid ! go,
    receive {'DOWN', Ref, _, _, Why} -> io:format("~p~n", [Why]) after 300 -> io:format("lives~n") end,
    receive
        {logged, #{level := Level, msg := {Format, [Pid, Max, Total, Kill, Logs, Messages, Sizes]}, meta := #{pid := Pid}}} ->
            io:format("~p ~s~p~n", [Level, Format, [Max, Total > Max, Kill, Logs, Messages, [K || {K, V} <- Sizes, is_integer(V)]]])
    after 300 -> io:format("not logged~n")
    end,
    exit(Pid, kill),
    drain().

drain() -> receive _ -> drain() after 100 -> ok end.

grow(0, L) -> L;
grow(N, L) -> grow(N - 1, [N | L]).
