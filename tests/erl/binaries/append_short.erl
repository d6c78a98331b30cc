%% Binaries that grow from nothing past 64 bytes: of the process's own, of comprehensions, and older values of them that stay as they were.
-module(append_short).
-export([main/0]).

main() ->
    io:format("~p~n", [grow(0, <<>>, [])]),
    io:format("~p~n", [[byte_size(text(lists:duplicate(N, C), <<>>)) || N <- [0, 1, 15, 16, 17, 31, 63, 64, 65, 200], C <- [$a, 16#e4, 16#20ac, 16#1f600]]]),
    io:format("~ts~n", [text("Grüße, 世界, and 🎈 more than that which is long enough for a block of its own", <<>>)]),
    io:format("~p~n", [[catch text([C], <<"x">>) || C <- [-1, 16#d800, 16#dfff, 16#e000, 16#10ffff, 16#110000, a, 1.0, 1 bsl 70]]]),
    io:format("~p~n", [<< <<X, (X bxor 255):16, X:24/little>> || X <- lists:seq(0, 40) >>]),
    io:format("~p~n", [<< <<C/utf8>> || C <- [$a, 16#e4, 16#20ac | lists:seq(16#1f600, 16#1f620)] >>]),
    io:format("~p~n", [[bit_size(<< <<X:S>> || X <- lists:seq(1, 90) >>) || S <- [1, 3, 8, 9, 16, 24, 40, 64]]]),
    B = <<"0123456789">>,
    io:format("~p~n", [[<<B/binary, 1>>, <<B/binary, 2, 3>>, <<B/binary, "four", 4:32>>, <<B/binary, (byte_size(B)):128>>, <<B/binary, B/binary>>]]),
    io:format("~p~n", [[pairs(P) || P <- [<<>>, <<"ab">>, <<"abc">>, binary:copy(<<"abcd">>, 9)]]]),
    io:format("~p~n", [catch odd(<<5:3>>)]).

%% Every value that has been is kept.
grow(90, _, Old) -> {lists:all(fun({N, B}) -> B =:= << <<(X * 7):8, X:16, X:40>> || X <- lists:seq(0, N - 1) >> end, Old), length(Old)};
grow(N, B, Old) -> grow(N + 1, <<B/binary, (N * 7), N:16, N:40>>, [{N, B} | Old]).

text([C | T], B) -> text(T, <<B/binary, C/utf8>>);
text([], B) -> B.

%% Two values that grow out of one.
pairs(B) ->
    X = <<B/binary, "left">>,
    Y = <<B/binary, "right", 1, 2>>,
    Z = <<X/binary, Y/binary>>,
    {B, X, Y, <<Z/binary, "!">>, <<Z/binary, 16#20ac/utf8>>}.

odd(B) -> <<B/binary, 1>>.
