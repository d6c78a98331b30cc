%% The binary module: matches, split, replace, part, copy, compiled patterns.
-module(search).
-export([main/0]).

main() ->
    Text = binary:copy(<<"GET /index.html?x=1&y=2 HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n">>, 3000),
    bench:cpu(fun() -> loop(8, Text, 0) end, 1752016).

loop(0, _, Acc) -> Acc;
loop(N, Text, Acc) ->
    Lines = binary:split(Text, <<"\r\n">>, [global]),
    Many = binary:matches(Text, [<<"Host">>, <<"Accept">>, <<"HTTP/1.1">>]),
    Pattern = binary:compile_pattern(<<"example.org">>),
    Changed = binary:replace(Text, Pattern, <<"localhost">>, [global]),
    Parts = [binary:part(Text, P, L) || {P, L} <- Many],
    loop(N - 1, Text, Acc + length(Lines) + length(Parts) + byte_size(Changed) + nomatch(binary:match(Text, <<"nowhere">>))).

nomatch(nomatch) -> 1.
