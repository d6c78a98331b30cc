%% Look-ahead, look-behind and back-references: what only a backtracking engine can do.
-module(look_behind).
-export([main/0]).

main() ->
    {ok, Re} = re:compile("(?<=\\$)(\\d+)(?=\\.)"),
    {ok, Twice} = re:compile("\\b(\\w+) \\1\\b"),
    Text = binary:copy(<<"paid $15.30 for the the book and $7.00 for for a pen; nothing else here. ">>, 300),
    bench:cpu(fun() -> loop(10, Re, Twice, Text, 0) end, 12000).

loop(0, _, _, _, Acc) -> Acc;
loop(N, Re, Twice, Text, Acc) ->
    {match, A} = re:run(Text, Re, [global]),
    {match, B} = re:run(Text, Twice, [global, {capture, all_but_first, binary}]),
    loop(N - 1, Re, Twice, Text, Acc + length(A) + length(B)).
