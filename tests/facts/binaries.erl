%% Writes tests/facts/binaries.facts: what erl answers to calls of BIFs of binaries and characters. One line a call:
%% {Module,Function,Arguments,{ok,Result}}. or {Module,Function,Arguments,{Class,Reason}}.
%% Run: escript tests/facts/binaries.erl > tests/facts/binaries.facts
-mode(compile).
main(_) ->
    io:setopts([{encoding, latin1}]),
    lists:foreach(fun({M, F, As}) ->
        R = try {ok, apply(M, F, As)} catch C:Why -> {C, Why} end,
        io:format("~w.~n", [{M, F, As, R}])
    end, calls()).

calls() ->
    erlang_calls() ++ module_calls() ++ search_calls() ++ unicode_calls() ++ checksum_calls().

long(Byte, N) -> binary:copy(<<Byte>>, N).

erlang_calls() ->
    B = <<"abcdef">>,
    [{erlang, byte_size, [X]} || X <- [<<>>, <<1:1>>, <<1:13>>, B, a, [], 1]] ++
    [{erlang, bit_size, [X]} || X <- [<<>>, <<1:1>>, <<1:13>>, B, a]] ++
    [{erlang, binary_part, [B, {S, L}]} || S <- [-1, 0, 3, 6, 7], L <- [-7, -3, 0, 1, 3, 6, 7]] ++
    [{erlang, binary_part, [X, S, L]} || {X, S, L} <- [{B, a, 1}, {B, 1, a}, {B, 1 bsl 70, 1}, {a, 0, 0}, {<<1:9>>, 0, 1},
        {<<1:9>>, 0, 2}, {B, 0, -(1 bsl 60)}, {B, 1, (1 bsl 59)}, {<<>>, 0, 0}]] ++
    [{erlang, binary_part, [B, X]} || X <- [{1}, [], {1, 2, 3}, {1, 1.0}]] ++
    [{erlang, split_binary, [X, N]} || X <- [B, <<"abc", 1:1>>, <<>>, a], N <- [-1, 0, 3, 4, 6, 1 bsl 80, a]] ++
    [{erlang, binary_to_list, [X]} || X <- [<<>>, B, <<1:9>>, a]] ++
    [{erlang, binary_to_list, [X, S, E]} || X <- [B, <<"abc", 1:3>>], S <- [0, 1, 3, 4, 7, a], E <- [0, 1, 2, 3, 6, 7, b]] ++
    [{erlang, bitstring_to_list, [X]} || X <- [<<>>, B, <<"abc", 5:3>>, <<1:1>>, a]] ++
    [{erlang, F, [X]} || F <- [list_to_binary, iolist_to_binary, list_to_bitstring, iolist_size], X <- iolists() ++ long_iolists()] ++
    [{erlang, iolist_to_iovec, [X]} || X <- iolists()].   % how long ones are cut is not part of the contract

long_iolists() ->
    [[long($f, 300), "de" | long($h, 300)], [long($f, 255), long($g, 256), 1]].

iolists() ->
    [<<>>, <<"abc">>, <<1:1>>, [], [[]], "abc", [1 | <<2>>], [1 | 2], [256], [-1], [1 bsl 70], [1.0], [a], a, [<<1:1>>], [[] | <<>>],
     [[[<<"a">>] | <<"b">>], "c", [], <<>>], [<<1:1>>, 5, <<3:2>>], [<<1:1>> | <<3:2>>], [1, 2, [<<3:4>>, [4 | <<5:12>>], "xyz"], <<7:3>>],
     [long($f, 100), "g", long($h, 65) | <<"xx">>],
     lists:duplicate(600, 65), [[X, <<X>>] || X <- lists:seq(0, 255)]].

module_calls() ->
    [{binary, at, [X, N]} || X <- [<<"abc">>, <<>>, <<1:9>>, a], N <- [-1, 0, 2, 3, 1 bsl 80, a]] ++
    [{binary, F, [X]} || F <- [first, last, copy, decode_unsigned], X <- [<<>>, <<7>>, <<1, 2>>, <<1:9>>, a, <<0, 0, 1, 2>>,
        <<1, 2, 3, 4, 5, 6, 7, 8, 9, 10>>, <<255, 255, 255, 255, 255, 255, 255, 255>>, long(255, 17)]] ++
    [{binary, decode_unsigned, [X, E]} || X <- [<<>>, <<1, 2, 3>>, <<1, 2, 3, 4, 5, 6, 7, 8, 9, 10>>, <<1, 0, 0, 0, 0, 0, 0, 0, 0, 0>>, a],
        E <- [big, little, foo]] ++
    [{binary, encode_unsigned, [X, E]} || X <- [0, 1, 255, 256, 65535, (1 bsl 60) - 1, 1 bsl 60, 1 bsl 63, (1 bsl 64) - 1, 1 bsl 64,
        (1 bsl 80) + 5, -1, -(1 bsl 70), 1.0, a], E <- [big, little, foo]] ++
    [{binary, encode_unsigned, [X]} || X <- [0, 258, -1]] ++
    [{binary, part, [<<"abc">>, X]} || X <- [{0, 3}, {1, 2}, {1, 3}, {3, -3}, {3, -4}]] ++
    [{binary, copy, [X, N]} || X <- [<<>>, <<"ab">>, <<1:9>>], N <- [-1, 0, 1, 3, 50, 1 bsl 70, a]] ++
    [{binary, list_to_bin, [X]} || X <- [[], [1, <<2>>], <<1>>, [a]]] ++
    [{binary, F, [X]} || F <- [longest_common_prefix, longest_common_suffix], X <- [[<<"abc">>, <<"abd">>], [], [<<"abc">>],
        [<<"abc">> | a], [<<"abc">>, a], [<<>>, a], [<<1:9>>], [<<"abcxabc">>, <<"bc">>, <<"xbc">>], a, [<<>>, <<"a">>],
        [<<"0123456789abcdef">>, <<"0123456789abcdEf">>], [<<"0123456789abcdef">>, <<"x123456789abcdef">>],
        [<<"0123456789abcdef">>, <<"0123456789abcdef">>, <<"0123456789abcdef0">>], [<<"123">> | [<<"9123">>, <<"99123">>, <<"23">>]]]].

search_calls() ->
    S = <<"abcabc">>,
    Patterns = [<<"bc">>, <<"x">>, <<>>, [], [<<>>], [a], a, <<1:9>>, [<<"bca">>, <<"b">>, <<"bc">>], [<<"bcx">>, <<"c">>, <<"bc">>],
                [<<"c">>, <<"abcabcd">>, <<"bcabcd">>], [<<"a">>, <<"abcabc">>], [<<"a">> | b], [<<"a">>, <<"a">>], S, <<"abcabcd">>, {bm, a}],
    Options = [[], [{scope, {2, 4}}], [{scope, {6, -6}}], [{scope, {2, 5}}], [{scope, {-1, 5}}], [{scope, {1, a}}], [{scope, {0, 0}}],
               [{scope, {0, 0}}, {scope, {0, 3}}], [foo], [global], a, [{scope, {0, 3}} | a], [{scope, {1, -2}}], [{scope, {7, 0}}]],
    [{binary, F, [X, P]} || F <- [match, matches, split], X <- [S, <<>>, a, <<1:9>>], P <- Patterns] ++
    [{binary, F, [S, P, O]} || F <- [match, matches], P <- [<<"bc">>, [<<"c">>, <<"bc">>]], O <- Options] ++
    [{binary, matches, [X, P]} || {X, P} <- [{<<"aaaa">>, <<"aa">>}, {<<"aaaaa">>, [<<"aa">>, <<"aaa">>]},
        {<<"abcde">>, [<<"bcde">>, <<"bc">>, <<"de">>]}, {<<"abcde">>, [<<"bcdx">>, <<"bc">>, <<"de">>]}, {<<"mississippi">>, [<<"issi">>, <<"ssip">>, <<"s">>]}]] ++
    [{binary, split, [X, P, O]} || X <- [<<",a,b,c,,">>, <<"a,">>, <<",">>, <<",,">>, <<>>, <<"abc">>, <<"a,b,c">>], P <- [<<",">>, [<<",">>, <<"b">>]],
        O <- [[], [global], [trim], [trim_all], [global, trim], [global, trim_all], [global, {scope, {1, 2}}], [trim_all, {scope, {1, 1}}],
              [foo], [trim | x], [{scope, {9, 1}}]]].

unicode_calls() ->
    Ascii = lists:duplicate(20, $q),
    Good = [[], <<>>, "abc", <<"abc">>, [1, <<"a">>, 228, [8364 | <<"x">>]], <<"a", 228/utf8, "b", 8364/utf8, 128512/utf8>>,
            [[<<226>>], [[<<130>>], <<172, "x">>]], [97, 255, 256], [97, <<255>>, 300], [97, 256, 300, <<200>>, 16#d800, 1], [97, <<200>>, 16#d800, <<201>>],
            [Ascii, 228, list_to_binary(Ascii), 8364, <<8364/utf8>> | list_to_binary(Ascii)]],
    Wrong = [a, 1.0, [a], ["abc" | a], ["abc" | 97], ["abc", [97 | 98]], <<1:9>>, [97, <<1:9>>], [97, 1.0], [<<255>>, [97], b], [-1, [97], b], 97,
             [<<"b", 240, 159>>, [97 | a]]],
    Bad = [<<"a", 228>>, <<"a", 228, "bc">>, <<"abc", 226, 130>>, [<<"abc", 226, 130>>], [<<"abc", 226>>, <<130, 172>>, "x"],
           [<<"abc", 226>>, 130, 172, "x"], [<<"abc", 226>>, [<<130>>, [<<172>>]], "x"], [<<"abc", 226>>, <<130>>], [<<"abc", 226>>, <<130>>, "x"],
           [<<"abc", 226>>, <<130, "x">>, "x"], [<<"abc", 226>>, [], [<<>>], "x"], [<<"abc", 226>> | <<130>>], [<<"abc">> | <<255, "abc">>],
           ["abc", 16#d800, "def"], ["abc", [1, 2, -1, 3 | <<"x">>], "def" | <<"q">>], [16#110000], ["ab", [<<"c", 255, "d">>, "e"], <<"f">>],
           [[[[<<"c", 255, "d">>]]], <<"f">>], [[[[<<"c", 226>>]]], <<"f">>], [[[[<<"c", 226>>]]]], [[[[<<"c", 226>>]]], []],
           [[[[<<"c", 226>>], $x]], []], [97, 1 bsl 70], [97, -(1 bsl 70)], [<<"a">>, <<"b", 226>>, <<>>, <<130, 172, "c", 255>>, "tail", <<"q">>],
           [<<"a">>, <<"b", 226>>, [<<130>>, <<255>>], "tail", <<"q">>], [<<"a">>, <<"b", 226>>, [<<130>>, 97], "tail", <<"q">>],
           [<<"a">>, [<<"b", 240, 159>>, <<152>>], <<128, "z">>], [<<"a">>, [<<"b", 240, 159>> | <<152>>]], [<<"a">>, [<<"b", 240, 159>>, <<152>>], <<>>, [<<>> | <<>>]],
           [[<<226, 97>>], "x"], [[<<226, 97>>]], [<<240, 97>>, <<"b">>, $x], [<<240, 97>>, <<"bcd">>, $x], [[<<240>>], [<<97>>], [<<"bc">>]],
           [[<<"a", 240>> | <<97>>] | <<98>>], [[$a | [16#d800]] | <<160>>], [[$a | <<200, 200>>] | <<160>>], [[[[]], [] | <<>>], [[], -1 | <<>>], []]],
    Leads = [<<X, Y/binary>> || X <- [127, 128, 191, 192, 193, 194, 223, 224, 237, 239, 240, 244, 245, 247, 248, 255],
                                Y <- [<<>>, <<127>>, <<128>>, <<160>>, <<191>>, <<192>>, <<128, 128>>, <<144, 128>>, <<160, 65>>, <<128, 128, 128>>,
                                      <<144, 128, 128>>, <<160, 191, 191>>, <<160, 191, 65>>]],
    [{unicode, F, [X, utf8]} || F <- [characters_to_binary, characters_to_list], X <- Good ++ Wrong ++ Bad ++ Leads] ++
    [{unicode, F, [X, latin1]} || F <- [characters_to_binary, characters_to_list], X <- Good ++ Wrong ++ Bad] ++
    [{unicode, characters_to_list, [hd(Bad), unicode]}] ++
    [{unicode, bin_is_7bit, [X]} || X <- [<<>>, <<"abc">>, <<"abc", 128>>, <<"0123456789", 200>>, <<0:3>>, <<1:9>>, a, "abc"]] ++
    [{prim_file, is_translatable, [X]} || X <- [<<"abc">>, <<"abc", 255>>, "abc", a, <<>>, <<195, 164>>]].

checksum_calls() ->
    Data = ["abc", <<"abc">>, [], <<>>, [1, [<<2, 3>> | <<4>>], long(5, 1000), lists:seq(0, 255)], a, [a], <<1:9>>, [<<1:1>>]],
    [{erlang, F, [X]} || F <- [crc32, adler32, md5], X <- Data] ++
    [{erlang, F, [O, X]} || F <- [crc32, adler32], O <- [0, 1, 5, (1 bsl 32) - 1, 1 bsl 32, -1, a], X <- ["abc", <<>>, [], a]] ++
    [{erlang, F, [A, B, N]} || F <- [crc32_combine, adler32_combine], {A, B, N} <- [{2659403885, 3984772369, 2}, {1, 2, 0}, {4294967295, 2, 0}, {1, 4294967295, 1}, {1, 2, -1}, {1, 2, 1 bsl 32},
        {1, 2, (1 bsl 32) - 1}, {a, 1, 2}, {1, a, 2}, {1 bsl 32, 1, 2}, {1, 1 bsl 70, 2}]].
