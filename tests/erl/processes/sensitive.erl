%% process_flag(sensitive, true): messages, dictionary and stack are not shown, neither to others nor to the process; all else is.
-module(sensitive).
-export([main/0, wait/1]).

p(X) -> io:format("~p~n", [X]).

wait(Secret) ->
    process_flag(sensitive, true),
    put(key, Secret),
    self() ! Secret,
    receive never -> Secret end.

main() ->
    Pid = spawn(?MODULE, wait, [secret]),
    until(fun() -> process_info(Pid, status) =:= {status, waiting} end),
    p([process_info(Pid, Item) || Item <- [messages, dictionary, backtrace, message_queue_len, current_function, initial_call, links,
                                           current_stacktrace, current_location, trap_exit, registered_name]]),
    p([lists:keyfind(Item, 1, process_info(Pid)) || Item <- [dictionary, message_queue_len, status]]),
    p(process_info(Pid, [dictionary, messages])),
    p(process_flag(sensitive, true)),
    put(mine, 1),
    self() ! mine,
    p(process_info(self(), [messages, dictionary, backtrace])),
    p(get()),
    p(erlang:process_display(self(), backtrace)),
    p(process_flag(sensitive, false)),
    p(process_info(self(), [messages, dictionary])),
    {backtrace, Shown} = process_info(self(), backtrace),
    p(byte_size(Shown) > 0),
    p(try process_flag(Pid, sensitive, false) catch _:Why -> Why end),
    exit(Pid, kill).

until(Test) ->
    case Test() of
        true -> ok;
        false -> timer:sleep(1), until(Test)
    end.
