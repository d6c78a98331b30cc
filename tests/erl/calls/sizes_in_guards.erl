%% tuple_size, map_size, byte_size, bit_size, min, max of every kind of term: in guards and bodies, often enough to become machine code.
-module(sizes_in_guards).
-export([main/0]).

main() ->
    Terms = terms(),
    [run(T) || _ <- lists:seq(1, 80), T <- Terms],
    [io:format("~p~n", [run(T)]) || T <- Terms],
    Pairs = [{A, B} || A <- [0, -1, 1, 1.0, 0.0, -0.0, a, (1 bsl 59) - 1, -(1 bsl 59), 1 bsl 60, <<"x">>, []], B <- [0, 1, 1.0, 2, b, -(1 bsl 59), 1 bsl 60]],
    io:format("~p~n", [[{least(A, B), most(A, B), bounded(A)} || {A, B} <- Pairs]]).

terms() ->
    <<_:3, Odd:21/bits, _/bits>> = Long = binary:copy(<<"abcdefgh">>, 20),
    <<_:16, Part/binary>> = Long,
    [{}, {1}, list_to_tuple(lists:seq(1, 300)), [], [1], #{}, #{a => 1}, maps:from_list([{I, I} || I <- lists:seq(1, 32)]), maps:from_list([{I, I} || I <- lists:seq(1, 33)]),
     <<>>, <<1>>, <<1:1>>, <<1:9>>, <<"ten bytes!">>, Odd, Part, Long, <<Long/binary, 1:1>>, a, 1, 1.5, 1 bsl 80, fun main/0, self() =:= self()].

run(T) -> {guarded(T), wrapped(T), rest(T)}.

guarded(T) when tuple_size(T) =:= 1 -> one;
guarded(T) when tuple_size(T) > 1 -> {many, tuple_size(T)};
guarded(T) when map_size(T) > 32 -> {large, map_size(T)};
guarded(T) when map_size(T) >= 0 -> {map, map_size(T)};
guarded(T) when byte_size(T) > 64 -> {long, byte_size(T), bit_size(T)};
guarded(T) when bit_size(T) rem 8 =/= 0 -> {odd, byte_size(T), bit_size(T)};
guarded(T) when byte_size(T) < 65 -> {bytes, byte_size(T), bit_size(T)};
guarded(T) when tuple_size(T) =:= 0 -> empty;
guarded(_) -> neither.

wrapped(T) -> [try F(T) catch C:R -> {C, R} end || F <- [fun(X) -> tuple_size(X) end, fun(X) -> map_size(X) + 1 end, fun(X) -> byte_size(X) end, fun(X) -> {bit_size(X), x} end]].

rest(<<_, Rest/binary>>) -> {byte_size(Rest), bit_size(Rest)};
rest(<<_:1, Rest/bits>>) -> {byte_size(Rest), bit_size(Rest)};
rest(_) -> none.

least(A, B) -> min(A, B).
most(A, B) -> max(A, B).
bounded(A) -> max(0, min(A, 10)).
