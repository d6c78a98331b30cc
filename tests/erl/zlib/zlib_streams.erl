%% Streams: random data in random pieces, with random settings, and back. Same library, so the compressed bytes are the same, too.
-module(zlib_streams).
-export([main/0]).

main() ->
    [there_and_back(I) || I <- lists:seq(1, 40)],
    [whole(I) || I <- lists:seq(1, 15)],
    chunks(),
    params(),
    resets(),
    ends(),
    [damaged(I) || I <- lists:seq(1, 150)],
    big().

pick(L) -> lists:nth(rand:uniform(length(L)), L).

data(N) ->
    case rand:uniform(3) of
        1 -> rand:bytes(N);
        2 -> << <<($a + X rem 3)>> || <<X>> <= rand:bytes(N) >>;
        3 -> binary:copy(<<"some text ", (rand:uniform(100))>>, N div 11 + 1)
    end.

%% Some iolist of the same bytes.
pieces(<<>>) -> pick([[], <<>>, [<<>>]]);
pieces(B) when byte_size(B) < 4 -> binary_to_list(B);
pieces(B) ->
    N = rand:uniform(byte_size(B)) - 1,
    <<H:N/binary, T/binary>> = B,
    case rand:uniform(4) of
        1 -> B;
        2 -> [H | T];
        3 -> [[H], pieces(T)];
        4 -> <<_:3, U:N/binary, _/bits>> = <<5:3, H/binary, 0:5>>, [pieces(T)] =:= x orelse [U, T]
    end.

sum(B) when is_binary(B) -> {byte_size(B), erlang:md5(B) =:= x orelse erlang:crc32(B)}.

there_and_back(I) ->
    rand:seed(exsss, {I, 2, 3}),
    Bits = pick([15, 9, 10, 12, -15, -9, -12, 31, 25]),
    Level = pick([none, best_speed, best_compression, default, 0, 1, 5, 9]),
    Mem = rand:uniform(9),
    Strategy = pick([default, filtered, huffman_only, rle]),
    Parts = [data(rand:uniform(pick([10, 1000, 10000]))) || _ <- lists:seq(1, rand:uniform(5))],
    Z = zlib:open(),
    ok = zlib:deflateInit(Z, Level, deflated, Bits, Mem, Strategy),
    Flushes = [pick([none, sync, full]) || _ <- Parts],
    Out = [zlib:deflate(Z, pieces(P), F) || {P, F} <- lists:zip(Parts, Flushes)],
    Last = zlib:deflate(Z, [], finish),
    Crc = zlib:crc32(Z),
    ok = zlib:deflateEnd(Z),
    ok = zlib:close(Z),
    Compressed = iolist_to_binary([Out, Last]),
    Back = inflated(Compressed, Bits),
    %% How bytes that are only stored are cut depends on how long a slice OTP's process has left.
    Sum = case lists:member(Level, [none, 0]) of true -> stored; false -> sum(Compressed) end,
    io:format("~p ~p ~p ~p ~p ~p ~p ~p ~p~n", [I, Bits, Level, Mem, Strategy, Sum, Crc, Back =:= iolist_to_binary(Parts), Flushes]).

inflated(B, Bits) ->
    Z = zlib:open(),
    ok = zlib:inflateInit(Z, Bits),
    R = iolist_to_binary([zlib:inflate(Z, P) || P <- cut(B)]),
    ok = zlib:inflateEnd(Z),
    zlib:close(Z),
    R.

cut(<<>>) -> [];
cut(B) ->
    N = rand:uniform(byte_size(B)),
    <<H:N/binary, T/binary>> = B,
    [H | cut(T)].

whole(I) ->
    rand:seed(exsss, {I, 3, 4}),
    B = data(rand:uniform(pick([3, 300, 10000, 100000]))),
    P = pieces(B),
    [C1, C2, C3] = [zlib:compress(P), zlib:zip(P), zlib:gzip(P)],
    io:format("~p ~p ~p~n", [I, [sum(C) || C <- [C1, C2, C3]], [zlib:uncompress(pieces(C1)) =:= B, zlib:unzip(pieces(C2)) =:= B, zlib:gunzip(pieces(C3)) =:= B, zlib:gunzip([C3, C3]) =:= <<B/binary, B/binary>>]]).

chunks() ->
    B = binary:copy(<<"0123456789">>, 20000),
    C = zlib:compress(B),
    Z = zlib:open(),
    [begin
         ok = zlib:inflateInit(Z),
         ok = zlib:setBufSize(Z, N),
         R = more(Z, zlib:inflateChunk(Z, C), []),
         io:format("~p ~p ~p ~p~n", [N, zlib:getBufSize(Z), length(R), iolist_to_binary(R) =:= B]),
         ok = zlib:inflateEnd(Z)
     end || N <- [17, 1000, 4000, 100000, 500000]],
    ok = zlib:inflateInit(Z),
    io:format("~p~n", [iolist_to_binary(safe(Z, zlib:safeInflate(Z, C), [])) =:= B]),
    io:format("~p~n", [[catch element(1, catch zlib:setBufSize(Z, N)) || N <- [16, 17 - 1, 1 bsl 24, a]]]),
    zlib:close(Z).

more(Z, {more, D}, A) -> more(Z, zlib:inflateChunk(Z), [D | A]);
more(_, D, A) -> lists:reverse([D | A]).

safe(Z, {continue, D}, A) -> safe(Z, zlib:safeInflate(Z, []), [A, D]);
safe(_, {finished, D}, A) -> [A, D].

params() ->
    [begin
         Z = zlib:open(),
         ok = zlib:deflateInit(Z, L1, deflated, 15, 8, S1),
         O1 = zlib:deflate(Z, binary:copy(<<"abcabd">>, 3000)),
         ok = zlib:deflateParams(Z, L2, S2),
         O2 = zlib:deflate(Z, binary:copy(<<"xyz">>, 3000)),
         ok = zlib:deflateParams(Z, L1, S2),
         O3 = zlib:deflate(Z, "end", finish),
         C = iolist_to_binary([O1, O2, O3]),
         io:format("~p ~p ~p~n", [{L1, S1, L2, S2}, L1 =:= 0 orelse L2 =:= 0 orelse sum(C), sum(zlib:uncompress(C))]),
         zlib:close(Z)
     end || L1 <- [0, 1, 9], L2 <- [0, 6], {S1, S2} <- [{default, default}, {default, huffman_only}, {rle, filtered}]].

resets() ->
    Z = zlib:open(),
    ok = zlib:deflateInit(Z),
    A = zlib:deflate(Z, "first", finish),
    ok = zlib:deflateReset(Z),
    B = zlib:deflate(Z, "second", finish),
    io:format("~p ~p~n", [zlib:uncompress(A), zlib:uncompress(B)]),
    ok = zlib:deflateEnd(Z),
    ok = zlib:inflateInit(Z),
    R1 = zlib:inflate(Z, A),
    ok = zlib:inflateReset(Z),
    R2 = zlib:inflate(Z, B),
    io:format("~p ~p ~p~n", [R1, R2, zlib:inflateEnd(Z)]),
    zlib:close(Z).

%% What comes of bytes behind the end.
ends() ->
    C = zlib:compress("one"),
    D = zlib:compress("two"),
    [begin
         Z = zlib:open(),
         ok = zlib:inflateInit(Z, 15, Behaviour),
         io:format("~p ~p ~p ~p~n", [Behaviour, catch_(fun() -> iolist_to_binary([zlib:inflate(Z, P) || P <- Ps]) end), catch_(fun() -> iolist_to_binary(zlib:inflate(Z, <<>>)) end), catch_(fun() -> zlib:inflateEnd(Z) end)]),
         zlib:close(Z)
     end || Behaviour <- [cut, reset, error], Ps <- [[C], [C, D], [[C, D]], [C, "rubbish"], [[C, "rubbish"]], [binary:part(C, 0, 5)], [binary:part(C, 0, 5), binary:part(C, 5, byte_size(C) - 5), D], []]].

damaged(I) ->
    rand:seed(exsss, {I, 4, 5}),
    B = data(200),
    {N, C} = pick([{compress, zlib:compress(B)}, {zip, zlib:zip(B)}, {gzip, zlib:gzip(B)}]),
    At = rand:uniform(byte_size(C)) - 1,
    <<H:At/binary, X, T/binary>> = C,
    Bad = case rand:uniform(4) of
              1 -> H;
              2 -> <<H/binary, T/binary>>;
              3 -> <<H/binary, (X bxor (1 bsl (rand:uniform(8) - 1))), T/binary>>;
              4 -> <<C/binary, X, H/binary>>
          end,
    F = case N of compress -> uncompress; zip -> unzip; gzip -> gunzip end,
    io:format("~p ~p ~p~n", [I, F, catch_(fun() -> sum(zlib:F(Bad)) end)]).

catch_(F) -> try F() catch C:R -> {C, R} end.

big() ->
    B = binary:copy(<<"A line of some text that is repeated, and a number: ", 0:800>>, 30000),
    C = zlib:gzip(B),
    io:format("~p ~p~n", [sum(C), zlib:gunzip(C) =:= B]).
