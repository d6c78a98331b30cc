%% A process that waits answers requests of others for as long as they like without growing.
-module(asked_while_idle).
-export([main/0, wait/0]).

main() ->
    P = spawn(fun wait/0),
    Items = [[current_stacktrace, dictionary, messages, links], current_stacktrace, [memory, status, registered_name], monitors],
    [_ = process_info(P, I) || _ <- lists:seq(1, 20000), I <- Items],
    [{memory, Bytes}, {total_heap_size, Words}] = process_info(P, [memory, total_heap_size]),
    io:format("~p~n", [{Bytes < 100000, Words < 10000}]),
    P ! {self(), go},
    receive {P, Answer} -> io:format("~p~n", [Answer]) end,
    %% Suspended, too.
    erlang:suspend_process(P),
    [_ = process_info(P, I) || _ <- lists:seq(1, 5000), I <- Items],
    {total_heap_size, More} = process_info(P, total_heap_size),
    io:format("~p~n", [More < 10000]),
    erlang:resume_process(P),
    exit(P, kill).

wait() ->
    Kept = [{kept, lists:seq(1, 10)}, "text", #{a => 1.5}],
    put(k, Kept),
    receive {From, go} -> From ! {self(), {Kept, get(k)}} end,
    receive never -> ok end.
