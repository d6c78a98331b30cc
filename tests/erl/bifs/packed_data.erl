%% zlib in one piece; the functions of binary and unicode that other programs do not name.
-module(packed_data).
-export([main/0, z/2]).
main() ->
    Data = [<<>>, <<"hello">>, [<<"a">>, "bc", [$d]], binary:copy(<<"lintel ">>, 20000)],
    [begin
         Plain = iolist_to_binary(D),
         io:format("~p~n", [{zlib:uncompress(zlib:compress(D)) =:= Plain, zlib:gunzip(zlib:gzip(D)) =:= Plain, zlib:unzip(zlib:zip(D)) =:= Plain}]),
         io:format("~w~n", [{erlang:md5(zlib:compress(D)), erlang:md5(zlib:zip(D))}])
     end || D <- Data],
    [bif_calls:wrong(?MODULE, z, [F, <<"abc">>]) || F <- [compress, gzip, zip, uncompress, gunzip, unzip]],
    Z = zlib:compress(<<"hello hello hello hello">>), G = zlib:gzip(<<"hello hello hello hello">>), U = zlib:zip(<<"hello hello hello hello">>),
    bif_calls:calls(?MODULE, [{z, [F, cut(B, N)]} || {F, B} <- [{uncompress, Z}, {gunzip, G}, {unzip, U}], N <- [0, 1, 5, byte_size(B) - 1]]),
    bif_calls:calls(?MODULE, [{z, [F, <<B/binary, "more">>]} || {F, B} <- [{uncompress, Z}, {gunzip, G}, {unzip, U}]]),
    bif_calls:calls(zlib, [{gunzip, [<<G/binary, G/binary>>]}, {gunzip, [[G, G]]}, {uncompress, [[binary:part(Z, 0, 4), [binary:part(Z, 4, byte_size(Z) - 4)]]]}]),
    bif_calls:calls(?MODULE, [{z, [F, flip(B, byte_size(B) - 1)]} || {F, B} <- [{uncompress, Z}, {gunzip, G}]]),
    bif_calls:calls(binary, [{copy, [<<>>]}, {copy, [<<"abc">>]}, {copy, [<<1:3>>]}, {list_to_bin, [[1, <<2>>, [3]]]}, {list_to_bin, ["abc"]}, {list_to_bin, [[256]]},
                             {list_to_bin, [[<<1:3>>]]}, {list_to_bin, [<<"x">>]}, {list_to_bin, [[]]}]),
    S = <<"the cat sat on the mat">>,
    bif_calls:calls(binary, [{F, [S, P, O]} || F <- [match, matches, split], P <- [<<"at">>, [<<"the">>, <<"th">>], <<"zz">>, binary:compile_pattern([<<"cat">>, <<"c">>])],
                                              O <- [[], [{scope, {0, 10}}], [{scope, {22, -5}}], [{scope, {22, 0}}], [{scope, {23, 0}}], [{scope, {-1, 2}}], [{scope, {0, 23}}], [x], x]]),
    [bif_calls:wrong(binary, F, A) || {F, A} <- [{copy, [<<1>>]}, {copy, [<<1>>, 2]}, {list_to_bin, [[1]]}, {match, [S, <<"a">>]}, {matches, [S, <<"a">>]},
                                                 {match, [S, <<"a">>, []]}, {matches, [S, <<"a">>, []]}, {referenced_byte_size, [S]}, {at, [S, 1]}, {first, [S]},
                                                 {last, [S]}, {part, [S, {0, 1}]}, {part, [S, 0, 1]}, {bin_to_list, [S]}, {bin_to_list, [S, {0, 1}]},
                                                 {bin_to_list, [S, 0, 1]}, {longest_common_prefix, [[S]]}, {longest_common_suffix, [[S]]},
                                                 {encode_unsigned, [1]}, {encode_unsigned, [1, little]}, {decode_unsigned, [S]}, {decode_unsigned, [S, little]},
                                                 {compile_pattern, [S]}, {split, [S, <<"a">>]}, {split, [S, <<"a">>, []]}, {replace, [S, <<"a">>, <<"b">>]},
                                                 {encode_hex, [S]}, {decode_hex, [<<"ab">>]}]],
    Big = binary:copy(<<"0123456789">>, 100), <<_:5/binary, Part:70/binary, _/binary>> = Big,
    bif_calls:calls(binary, [{referenced_byte_size, [B]} || B <- [Big, Part, binary:copy(Part)]]),
    bif_calls:calls(unicode, [{bin_is_7bit, [B]} || B <- [<<>>, <<"abc">>, <<200>>, <<127>>, <<128>>, <<1:3>>, "abc", a, binary:copy(<<"a">>, 10000)]]),
    bif_calls:wrong(unicode, bin_is_7bit, [<<1>>]),
    [bif_calls:wrong(unicode, F, A) || {F, A} <- [{characters_to_list, ["a", unicode]}, {characters_to_binary, ["a", unicode, utf8]}, {characters_to_list, [<<"a">>]},
                                                  {characters_to_binary, [<<"a">>]}, {characters_to_binary, [<<"a">>, latin1]}]],
    bif_calls:wrong(erlang, binary_to_list, [<<"abcdef">>, 2, 3]),
    bif_calls:calls(erlang, [{binary_to_list, [<<"abcdef">>, A, B]} || A <- [0, 1, 3, 6, 7], B <- [0, 1, 3, 6, 7]]).

%% Where OTP's zlib finds an error, deep inside, is its own business.
z(F, Data) -> try zlib:F(Data) catch Class:Reason -> {Class, Reason} end.
cut(B, N) -> binary:part(B, 0, N).
flip(B, N) -> <<H:N/binary, C, T/binary>> = B, <<H/binary, (C bxor 255), T/binary>>.
