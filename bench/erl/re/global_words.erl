%% All words of a text, as lists and as positions.
-module(global_words).
-export([main/0]).

main() ->
    {ok, Re} = re:compile("[A-Za-z]+"),
    Text = binary:copy(<<"The quick brown fox, 12 times; jumps over 3 lazy dogs. ">>, 1000),
    bench:cpu(fun() -> loop(8, Re, Text, 0) end, 144000).

loop(0, _, _, Acc) -> Acc;
loop(N, Re, Text, Acc) ->
    {match, Words} = re:run(Text, Re, [global, {capture, first, list}]),
    {match, Places} = re:run(Text, Re, [global]),
    loop(N - 1, Re, Text, Acc + length(Words) + length(Places)).
