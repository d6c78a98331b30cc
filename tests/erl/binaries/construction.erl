%% Segments of every type, size, unit, sign and byte order.
-module(construction).
-export([main/0]).

main() ->
    X = id(1000),
    F = id(1.5),
    B = id(<<"abc">>),
    Bits = id(<<5:3>>),
    io:format("~w~n", [[<<X>>, <<X:16>>, <<X:16/little>>, <<X:12>>, <<(-X):20/signed-little>>, <<X:70>>, <<(1 bsl 70):75/little>>]]),
    io:format("~w~n", [[<<F/float>>, <<F:32/float>>, <<F:16/float>>, <<F/float-little>>, <<3/float>>, <<X:64/native>>]]),
    io:format("~w~n", [[<<B/binary, 1>>, <<B:2/binary>>, <<Bits/bits, B/binary>>, <<1:1, Bits/bitstring, F/float>>, <<0:5, X:40/little>>]]),
    io:format("~w~n", [[<<"åäö"/utf8>>, <<16#1F600/utf8>>, <<16#1F600/utf16>>, <<16#1F600/utf16-little>>, <<$a/utf32>>, <<"str":16>>]]),
    [try io:format("~w~n", [G()]) catch C:R -> io:format("~p ~p~n", [C, R]) end
     || G <- [fun() -> <<(id(a))>> end, fun() -> <<X:(id(-1))>> end, fun() -> <<(id(1))/binary>> end, fun() -> <<B:9/binary>> end,
              fun() -> <<(id(16#D800))/utf8>> end, fun() -> <<(id(a))/float>> end, fun() -> <<Bits/binary>> end, fun() -> <<1:(id(a))>> end]].

id(X) -> X.
