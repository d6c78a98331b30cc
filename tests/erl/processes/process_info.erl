%% Items of process_info that are the same everywhere.
-module(process_info).
-export([main/0]).

main() ->
    P = spawn(fun() -> put(k, v), receive stop -> ok end end),
    P ! a, P ! {b},
    wait(P),
    [io:format("~p~n", [process_info(P, I)]) || I <- [message_queue_len, messages, dictionary, trap_exit, priority, status, links, monitors, registered_name, error_handler, current_function, initial_call, monitored_by]],
    io:format("~p~n", [process_info(P, [trap_exit, message_queue_len])]),
    io:format("~p~n", [[K || {K, _} <- process_info(P)]]),
    io:format("~p~n", [[is_integer(element(2, process_info(P, I))) || I <- [heap_size, stack_size, memory, reductions, total_heap_size]]]),
    io:format("~p~n", [try process_info(P, nonsense) catch C:R -> {C, R} end]),
    io:format("~p~n", [element(1, hd(element(2, process_info(self(), current_stacktrace))))]),
    Monitor = monitor(process, P),
    P ! stop,
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    io:format("~p ~p~n", [process_info(P), process_info(P, messages)]),
    io:format("~p~n", [[process_flag(trap_exit, true), process_flag(trap_exit, false), process_flag(priority, high), process_flag(priority, normal), catch process_flag(bad, x), process_flag(save_calls, 0)]]).

%% Until it has seen both messages and waits for a third.
wait(P) ->
    case process_info(P, [status, message_queue_len]) of
        [{status, waiting}, {message_queue_len, 2}] -> ok;
        _ -> timer:sleep(1), wait(P)
    end.
