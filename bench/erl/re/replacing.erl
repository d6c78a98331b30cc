%% re:replace and re:split on text, patterns given as text.
-module(replacing).
-export([main/0]).

main() ->
    Text = lists:flatten(lists:duplicate(200, "key = value; other=thing ;last =  one\n")),
    bench:cpu(fun() -> loop(4, Text, 0) end, 60004).

loop(0, _, Acc) -> Acc;
loop(N, Text, Acc) ->
    A = re:replace(Text, "\\s*=\\s*", ":", [global, {return, list}]),
    B = re:replace(Text, "(\\w+) *;", "<\\1>", [global, {return, binary}]),
    C = re:split(Text, "[;\n]", [{return, binary}]),
    loop(N - 1, Text, Acc + length(A) + byte_size(B) + length(C)).
