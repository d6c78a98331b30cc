%% A framed binary protocol: encoders, an incremental decoder fed in pieces of all sizes, checksums, bit fields, malformed frames.
-module(binary_protocol).
-export([main/0]).

-define(MAGIC, 16#C0DE).

main() ->
    Messages = [{ping, 1}, {pong, 65535}, {data, <<"hello">>}, {data, <<>>}, {data, binary:copy(<<"x">>, 300)}, {flags, [a, c, h]}, {flags, []},
                {point, 1.5, -2.25}, {temps, [-40, 0, 37, 127, -128]}, {text, "åäö \x{1f600}"}, {nested, [{ping, 2}, {flags, [b]}]}],
    Frames = [frame(M) || M <- Messages],
    [io:format("~p ~s~n", [element(1, M), binary:encode_hex(binary:part(F, 0, min(20, byte_size(F))))]) || {M, F} <- lists:zip(Messages, Frames)],
    Stream = iolist_to_binary(Frames),
    [Messages = feed(pieces(Stream, N)) || N <- [1, 2, 3, 7, 64, 1000]],
    io:format("~p bytes, ~p~n", [byte_size(Stream), erlang:md5(Stream)]),
    <<Start:10/binary, Byte, Rest/binary>> = Stream,
    io:format("~p~n", [catch feed([<<Start/binary, (Byte bxor 1), Rest/binary>>])]),
    [io:format("~p~n", [catch feed([B])]) || B <- [<<1, 2, 3, 4>>, <<?MAGIC:16, 99, 0:16, 0:32>>, <<?MAGIC:16, 1, 1:16, 7, (erlang:crc32(<<7>>)):32>>]],
    {more, Left} = decode(<<?MAGIC:16, 3, 10:16, "abc">>),
    io:format("~p~n", [Left]),
    io:format("~p~n", [[B || <<B:3>> <= <<16#abcdef:24>>]]),
    io:format("~p~n", [<< <<(X * X):16/little>> || X <- [1, 2, 300] >>]),
    io:format("~p~n", [[{A, B} || <<A:4, B:4>> <= <<16#12, 16#34>>, A > 0, C <- [B], C =/= 2]]),
    <<S:5, E:11/signed, M:48>> = <<-1.5e10/float>>,
    io:format("~p~n", [{S, E, M}]),
    io:format("~w~n", [{<<1.1:32/float>>, <<3.0e38:64/float-little>>, <<1:1, 0:6, 1:1>>, <<16#10FFFF/utf8>>, <<$a/utf16-little>>, <<$a/utf32>>}]),
    io:format("~p~n", [[binary:part(<<"abcdef">>, 6, -3), binary:at(<<"abc">>, 1), binary:first(<<1>>), binary:last(<<1, 2>>)]]),
    io:format("~p~n", [[binary:split(<<"a,b,,c">>, <<",">>, O) || O <- [[], [global], [global, trim], [global, trim_all]]]]),
    io:format("~p~n", [[binary:longest_common_prefix([<<"abcd">>, <<"abx">>]), binary:longest_common_suffix([<<"1ing">>, <<"ring">>]), binary:matches(<<"aXbXc">>, [<<"X">>, <<"c">>]),
                        binary:replace(<<"aXbX">>, <<"X">>, <<"--">>, [global, {insert_replaced, 1}]), binary:bin_to_list(<<"abc">>, 1, 2), binary:decode_unsigned(<<1, 0>>, little), binary:encode_unsigned(258)]]),
    io:format("~p~n", [binary_to_term(term_to_binary(Messages, [compressed])) =:= Messages]),
    io:format("~p~n", [[zlib:uncompress(zlib:compress(Stream)) =:= Stream, zlib:gunzip(zlib:gzip(Stream)) =:= Stream]]).

pieces(B, N) when byte_size(B) =< N -> [B];
pieces(B, N) ->
    <<P:N/binary, R/binary>> = B,
    [P | pieces(R, N)].

feed(Pieces) ->
    {<<>>, Got} = lists:foldl(fun(P, {Buffer, Acc}) -> drain(<<Buffer/binary, P/binary>>, Acc) end, {<<>>, []}, Pieces),
    lists:reverse(Got).

drain(B, Acc) ->
    case decode(B) of
        {ok, M, R} -> drain(R, [M | Acc]);
        {more, R} -> {R, Acc}
    end.

frame(M) ->
    {Type, Body} = body(M),
    <<?MAGIC:16, Type, (byte_size(Body)):16, Body/binary, (erlang:crc32(Body)):32>>.

body({ping, N}) -> {1, <<N:16>>};
body({pong, N}) -> {2, <<N:16/little>>};
body({data, B}) -> {3, B};
body({flags, Fs}) -> {4, << <<(case lists:member(F, Fs) of true -> 1; false -> 0 end):1>> || F <- [a, b, c, d, e, f, g, h] >>};
body({point, X, Y}) -> {5, <<X/float, Y:32/float>>};
body({temps, Ts}) -> {6, << <<T:8/signed>> || T <- Ts >>};
body({text, S}) -> {7, unicode:characters_to_binary(S, unicode, utf16)};
body({nested, Ms}) -> {8, << <<(frame(M))/binary>> || M <- Ms >>}.

decode(<<?MAGIC:16, Type, Length:16, Body:Length/binary, Crc:32, Rest/binary>>) ->
    case erlang:crc32(Body) of
        Crc -> {ok, message(Type, Body), Rest};
        Other -> throw({bad_crc, Type, Crc =:= Other})
    end;
decode(<<?MAGIC:16, _/binary>> = B) -> {more, B};
decode(B) when byte_size(B) < 2 -> {more, B};
decode(<<Other:16, _/binary>>) -> throw({bad_magic, Other}).

message(1, <<N:16>>) -> {ping, N};
message(2, <<N:16/little>>) -> {pong, N};
message(3, B) -> {data, B};
message(4, Bits) -> {flags, [F || {F, 1} <- lists:zip([a, b, c, d, e, f, g, h], [B || <<B:1>> <= Bits])]};
message(5, <<X/float, Y:32/float>>) -> {point, X, Y};
message(6, Ts) -> {temps, [T || <<T/signed>> <= Ts]};
message(7, S) -> {text, unicode:characters_to_list(S, utf16)};
message(8, Fs) -> {nested, feed([Fs])};
message(T, B) -> throw({bad_message, T, B}).
