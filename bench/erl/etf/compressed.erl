%% Compressed terms both ways.
-module(compressed).
-export([main/0]).

main() ->
    Data = [{I, "a line of text that repeats itself", I rem 10} || I <- lists:seq(1, 4000)],
    bench:cpu(fun() -> loop(6, Data, 0) end, 24000).

loop(0, _, Acc) -> Acc;
loop(N, Data, Acc) ->
    Back = binary_to_term(term_to_binary(Data, [compressed])),
    loop(N - 1, Data, Acc + length(Back)).
