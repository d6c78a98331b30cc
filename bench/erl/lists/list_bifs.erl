%% What the VM does on lists itself: member, keyfind, reverse, ++, --, length, nth on association lists.
-module(list_bifs).
-export([main/0]).

main() ->
    Table = [{K, K * 2} || K <- lists:seq(1, 200)],
    Names = [list_to_atom("key" ++ integer_to_list(K)) || K <- lists:seq(1, 200)],
    bench:cpu(fun() -> loop(40000, Table, Names, 0) end, 16140000).

loop(0, _, _, Acc) -> Acc;
loop(N, Table, Names, Acc) ->
    K = N rem 200 + 1,
    {K, V} = lists:keyfind(K, 1, Table),
    true = lists:member(key150, Names),
    Rest = lists:reverse(Names, [N]) ++ [K],
    Short = case N rem 100 of
        0 -> length(Names -- lists:sublist(Names, 150));
        _ -> lists:nth(K, Names), 0
    end,
    loop(N - 1, Table, Names, Acc + V + length(Rest) + Short).
