%% Who gets log events of the emulator: a process, until it ends.
-module(system_loggers).
-export([main/0, log/2]).

log(_, #{config := To}) -> To ! handler.

main() ->
    logger:remove_handler(default),
    ok = logger:add_handler(?MODULE, ?MODULE, #{config => self()}),
    Me = self(),
    io:format("~p ~p~n", [erlang:system_info(system_logger), event()]),
    {Logger, Ref} = spawn_monitor(fun() -> loop(Me) end),
    io:format("~p ~p ~p~n", [erlang:system_flag(system_logger, Logger), erlang:system_info(system_logger) =:= Logger, event()]),
    exit(Logger, stop),
    receive {'DOWN', Ref, _, _, Why} -> io:format("~p~n", [Why]) end,
    io:format("~p ~p~n", [event(), erlang:system_info(system_logger)]),
    io:format("~p ~p~n", [erlang:system_flag(system_logger, undefined), event()]).

event() ->
    {_, Ref} = spawn_monitor(fun() -> error(bad) end),
    receive {'DOWN', Ref, _, _, _} -> ok end,
    receive handler -> handler; {process, log} -> process after 300 -> none end.

loop(To) ->
    receive Event -> To ! {process, element(1, Event)} end,
    loop(To).
