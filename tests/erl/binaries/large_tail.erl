%% Patterns whose fixed tail has more bits than fit into an operand of the file, or into 32 bits.
-module(large_tail).
-export([main/0]).

main() ->
    Inputs = [<<>>, <<1>>, <<1, 0:16#1001>>, <<1, 0:16#10000000>>, <<1, 0:16#10000001>>, <<1, 0:16#10000000, 2>>],
    [io:format("~p~n", [[try F(B) catch error:Why -> Why end || B <- Inputs]]) || F <- [fun small/1, fun second/1, fun large/1, fun huge/1]],
    Bytes = <<"123">>,
    Written = <<(binary:copy(<<7>>, 100))/binary, 8>>,
    io:format("~p~n", [[erts_debug:same(B, append(B, <<>>)) || B <- [Bytes, Written]]]),
    io:format("~p~n", [[append(append(Written, <<>>), <<9>>) =:= <<Written/binary, 9>>, append(<<1:3>>, <<>>)]]).

small(<<B, _:16#1001>>) -> B.
second(<<B, _:16#10000001>>) -> B;
second(<<B, _:16#10000000>>) -> {other, B}.
large(<<B, _:16#180000000>>) -> B.
huge(<<B, _:16#10000000000000000>>) -> B.

append(A, B) -> <<A/bits, B/bits>>.
