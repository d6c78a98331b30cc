%% term_to_binary of messages and of lists of integers.
-module(encode_small).
-export([main/0]).

main() ->
    Message = {call, {joe, 12345678901}, [{name, "some text"}, {size, 300}, {id, <<"abcdef">>}], 1.5, #{a => 1, b => [x, y]}},
    Ints = lists:seq(1, 3000, 7),
    bench:cpu(fun() -> loop(60000, Message, Ints, 0) end, 13922235).

loop(0, _, _, Acc) -> Acc;
loop(N, Message, Ints, Acc) ->
    B = byte_size(term_to_binary({N, Message})),
    C = case N rem 20 of 0 -> byte_size(term_to_binary(Ints)); _ -> 0 end,
    loop(N - 1, Message, Ints, Acc + B + C).
