%% A large structure of maps, tuples, strings and binaries, there and back, hashed and measured.
-module(large_both).
-export([main/0]).

main() ->
    Data = [#{id => I, name => integer_to_binary(I), at => {date, 2025, I rem 12, I rem 28}, tags => ["red", "blue"], score => I / 3}
            || I <- lists:seq(1, 6000)],
    bench:cpu(fun() -> loop(8, Data, 0) end, 891714728).

loop(0, _, Acc) -> Acc;
loop(N, Data, Acc) ->
    B = term_to_binary(Data),
    Back = binary_to_term(B),
    true = length(Back) =:= length(Data),
    loop(N - 1, Data, Acc + byte_size(B) + erlang:external_size(Data) + erlang:phash2(hd(Back))).
