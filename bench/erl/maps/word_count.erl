%% Counts of words in a text: binary splitting into a map, then the most frequent.
-module(word_count).
-export([main/0]).

main() ->
    Text = text(40000, 1, []),
    bench:cpu(fun() ->
        Counts = count(binary:split(Text, [<<" ">>, <<"\n">>], [global]), #{}),
        lists:sublist(lists:reverse(lists:keysort(2, maps:to_list(Counts))), 1)
    end, [{<<"0">>,82}]).

text(0, _, Acc) -> iolist_to_binary(Acc);
text(N, S, Acc) ->
    S1 = (S * 1103515245 + 12345) band 16#7FFFFFFF,
    Word = integer_to_binary((S1 bsr 8) rem ((S1 bsr 16) rem 5000 + 1), 36),
    text(N - 1, S1, [Acc, Word, case N rem 12 of 0 -> $\n; _ -> $\s end]).

count([], Map) -> Map;
count([W | Ws], Map) -> count(Ws, maps:update_with(W, fun(C) -> C + 1 end, 1, Map)).
