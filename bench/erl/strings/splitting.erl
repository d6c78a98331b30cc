%% The string module on lines of text: split, lexemes, trim, pad, find.
-module(splitting).
-export([main/0]).

main() ->
    Line = "  the quick, brown fox; jumps over the lazy dog, again and again  ",
    bench:cpu(fun() -> loop(2500, Line, 0) end, 257500).

loop(0, _, Acc) -> Acc;
loop(N, Line, Acc) ->
    Trimmed = string:trim(Line),
    Words = string:lexemes(Trimmed, " ,;"),
    Parts = string:split(Line, ",", all),
    Found = length(string:find(Line, "lazy")),
    Padded = length(string:pad("abc", 12, leading)),
    Joined = lists:flatten(lists:join("-", Words)),
    loop(N - 1, Line, Acc + length(Words) + length(Parts) + Found + Padded + length(Joined)).
