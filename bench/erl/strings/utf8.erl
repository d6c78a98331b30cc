%% UTF-8 to code points and back, by the unicode module and by matching.
-module(utf8).
-export([main/0]).

main() ->
    Text = binary:copy(unicode:characters_to_binary([16#47, 16#F6, 16#3B1, 16#65E5, 16#1F600, $a, $b, $c]), 4000),
    bench:cpu(fun() -> loop(8, Text, 0) end, 4997728000).

loop(0, _, Acc) -> Acc;
loop(N, Text, Acc) ->
    List = unicode:characters_to_list(Text),
    Text = unicode:characters_to_binary(List),
    Sum = sum(Text, 0),
    U16 = unicode:characters_to_binary(Text, utf8, utf16),
    loop(N - 1, Text, Acc + length(List) + Sum + byte_size(U16)).

sum(<<C/utf8, R/binary>>, S) -> sum(R, S + C);
sum(<<>>, S) -> S.
