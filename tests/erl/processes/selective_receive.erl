%% Selective receive leaves other messages in order.
-module(selective_receive).
-export([main/0]).

main() ->
    [self() ! M || M <- [{a, 1}, {b, 2}, {a, 3}, c, {b, 4}]],
    io:format("~p~n", [[receive {b, X} -> X end, receive {b, X2} -> X2 end]]),
    io:format("~p~n", [process_info(self(), messages)]),
    io:format("~p~n", [process_info(self(), message_queue_len)]),
    io:format("~p~n", [flush()]),
    Ref = make_ref(),
    [self() ! N || N <- lists:seq(1, 1000)],
    self() ! {Ref, last},
    io:format("~p~n", [receive {Ref, Y} -> Y end]),
    io:format("~p~n", [length(flush())]).

flush() -> receive M -> [M | flush()] after 0 -> [] end.
