%% base64 in both directions and its errors.
-module(base64_module).
-export([main/0]).

main() ->
    [io:format("~p ~p~n", [base64:encode(B), base64:decode(base64:encode(B)) =:= B]) || B <- [<<>>, <<"a">>, <<"ab">>, <<"abc">>, <<0, 255, 254>>, list_to_binary(lists:seq(0, 255))]],
    io:format("~p~n", [[base64:encode_to_string("hello"), base64:decode_to_string("aGVsbG8="), base64:mime_decode("aGVs\nbG8="), base64:decode(<<" aGVs bG8= ">>)]]),
    [io:format("~p~n", [try base64:decode(X) catch C:R -> {C, R} end]) || X <- ["a", "ab!=", <<"abc">>]].
