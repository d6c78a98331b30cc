%% -*- coding: utf-8 -*-
%% Upper and lower case, length and comparison of text beyond ASCII.
-module(unicode_case).
-export([main/0]).

main() ->
    Text = unicode:characters_to_binary("Größe, Ünïcödé, ΑΒΓαβγ, Ўзбекистон, naïve café 日本語"),
    bench:cpu(fun() -> loop(1500, Text, 0) end, 198000).

loop(0, _, Acc) -> Acc;
loop(N, Text, Acc) ->
    Up = string:uppercase(Text),
    Low = string:lowercase(Up),
    Same = string:equal(Low, Text, true),
    loop(N - 1, Text, Acc + string:length(Up) + byte_size(Low) + length([Same])).
