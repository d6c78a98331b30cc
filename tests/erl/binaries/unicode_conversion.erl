%% unicode module: characters, errors, incomplete input, normal forms.
-module(unicode_conversion).
-export([main/0]).

main() ->
    io:format("~w~n", [[unicode:characters_to_binary([229, 228, 1234, 16#1F600]), unicode:characters_to_list(<<"åß"/utf8>>), unicode:characters_to_binary("å", latin1, utf16),
                        unicode:characters_to_list(<<229, 228>>, latin1), unicode:characters_to_binary(["a", [<<"b">>, 16#3b1]], utf8, {utf32, little})]]),
    io:format("~w~n", [[unicode:characters_to_binary(<<"a", 255, "b">>), unicode:characters_to_binary(<<"a", 195>>), unicode:characters_to_list([16#D800]), unicode:characters_to_list(<<"ab", 16#E2, 16#82>>)]]),
    io:format("~w~n", [[unicode:characters_to_nfd_list([229]), unicode:characters_to_nfc_list("a" ++ [16#30A]), unicode:characters_to_nfkc_binary([16#FB01])]]),
    io:format("~p~n", [[catch unicode:characters_to_binary(foo), unicode:bom_to_encoding(<<239, 187, 191, "x">>)]]),
    io:format("~ts ~tp ~p~n", [[16#1F600, 945], [945, 946], [945, 946]]),
    io:format("~s|~ts~n", [<<"abc">>, <<"åäö"/utf8>>]),
    %% Where a list was wrong: a binary alone in it is as good as the binary, for one of the two.
    Bad = <<73, 254>>,
    Half = <<73, 195>>,
    [io:format("~w ~w ~w~n", [Data, unicode:characters_to_binary(Data), unicode:characters_to_list(Data)])
     || B <- [Bad, Half], Data <- [B, [B], [[B]], [[[B]]], [$a, B], [[$a, B]], [[B], $a], [[B] | <<"x">>], [[B, 1]], [B | <<"x">>], [B, []], [[], B],
                                   [[B], []], [$a | B], [B, <<>>], [<<"abc">>, B], [<<"abc">>, [B]], [B, -1], [[B, -1], 2]]].
