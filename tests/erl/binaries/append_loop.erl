%% Appending to a binary many times, and branching from a shared prefix.
-module(append_loop).
-export([main/0]).

main() ->
    B = lists:foldl(fun(I, Acc) -> <<Acc/binary, I:32>> end, <<>>, lists:seq(1, 20000)),
    io:format("~p ~p~n", [byte_size(B), erlang:crc32(B)]),
    P = <<B/binary, "one">>,
    Q = <<B/binary, "two">>,
    io:format("~p ~p~n", [binary:part(P, {byte_size(P), -3}), binary:part(Q, {byte_size(Q), -3})]),
    C = lists:foldl(fun(I, Acc) -> <<Acc/bits, I:3>> end, <<>>, lists:seq(1, 1000)),
    io:format("~p ~p~n", [bit_size(C), erlang:phash2(C)]).
