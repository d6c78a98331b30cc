%% Messages that are large: copied terms, and binaries that are not.
-module(large_message).
-export([main/0]).

main() ->
    Rows = [{I, "text of the row", <<"bin">>, [a, b, I]} || I <- lists:seq(1, 2000)],
    Blob = binary:copy(<<"x">>, 100000),
    bench:cpu(fun() ->
        P = spawn_link(fun echo/0),
        loop(150, P, Rows, Blob, 0)
    end, 15300000).

loop(0, P, _, _, Acc) -> P ! stop, Acc;
loop(N, P, Rows, Blob, Acc) ->
    P ! {self(), Rows},
    A = receive {rows, L} -> length(L) end,
    P ! {self(), Blob},
    B = receive {blob, X} -> byte_size(X) end,
    loop(N - 1, P, Rows, Blob, Acc + A + B).

echo() ->
    receive
        {From, L} when is_list(L) -> From ! {rows, L}, echo();
        {From, B} -> From ! {blob, B}, echo();
        stop -> ok
    end.
