%% binary_to_term of messages and of lists of integers.
-module(decode_small).
-export([main/0]).

main() ->
    Message = term_to_binary({call, {joe, 12345678901}, [{name, "some text"}, {size, 300}, {id, <<"abcdef">>}], 1.5, #{a => 1, b => [x, y]}}),
    Ints = term_to_binary(lists:seq(1, 3000, 7)),
    bench:cpu(fun() -> loop(60000, Message, Ints, 0) end, 1467000).

loop(0, _, _, Acc) -> Acc;
loop(N, Message, Ints, Acc) ->
    {call, _, L, _, _} = binary_to_term(Message),
    C = case N rem 20 of 0 -> length(binary_to_term(Ints)); _ -> 0 end,
    loop(N - 1, Message, Ints, Acc + length(L) + C).
