%% lists:sort, usort and keysort of numbers, words and records.
-module(sorting).
-export([main/0]).

main() ->
    Numbers = numbers(60000, 7),
    Words = [integer_to_list(N, 36) || N <- numbers(15000, 3)],
    Rows = [{row, N rem 977, integer_to_binary(N)} || N <- numbers(30000, 5)],
    bench:cpu(fun() ->
        {lists:nth(1000, lists:sort(Numbers)), length(lists:usort(Words)), hd(lists:keysort(2, Rows))}
    end, {16410,14875,{row,0,<<"543212">>}}).

numbers(0, _) -> [];
numbers(N, S) -> [S rem 1000003 | numbers(N - 1, (S * 1103515245 + 12345) band 16#7FFFFFFF)].
