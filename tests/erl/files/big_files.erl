%% Files of some megabytes, in one piece and in many.
-module(big_files).
-export([main/0]).

main() -> tmp:in(fun run/1).

%% Some more than N bytes, no two runs of 30000 alike.
bytes(N) ->
    Part = << <<(erlang:phash2(I) band 16#ffff):16>> || I <- lists:seq(1, 15000) >>,
    iolist_to_binary([<<I:32, Part/binary>> || I <- lists:seq(0, N div byte_size(Part))]).

run(Dir) ->
    F = filename:join(Dir, "big"),
    B = bytes(3 bsl 20),
    tmp:show("~0p~n", [[file:write_file(F, B), filelib:file_size(F), file:read_file(F) =:= {ok, B}]]),
    Pieces = [binary:part(B, I * 1000, 1000) || I <- lists:seq(0, byte_size(B) div 1000 - 1)],
    {ok, W} = file:open(F, [raw, write]),
    tmp:show("~0p~n", [[file:write(W, Pieces), file:position(W, cur), file:pwrite(W, 7, Pieces), file:position(W, eof), file:close(W)]]),
    {ok, Read} = file:read_file(F),
    tmp:show("~0p~n", [erlang:md5(Read) =:= erlang:md5([binary:part(B, 0, 7), Pieces])]),
    {ok, D} = file:open(F, [raw, read, binary]),
    tmp:show("~0p~n", [[begin {ok, X} = file:pread(D, O, N), {O, N, byte_size(X), erlang:phash2(X)} end || {O, N} <- [{0, 1 bsl 20}, {1, 5 bsl 20}, {3000000, 1 bsl 28}, {77, 65536}, {77, 65537}, {100, 70000}]]]),
    tmp:show("~0p~n", [[file:position(D, 12345), byte_size(element(2, file:read(D, 1 bsl 20))), file:position(D, cur), byte_size(element(2, file:read(D, 1 bsl 30))), file:read(D, 1 bsl 30)]]),
    ok = file:close(D),
    [begin
         {ok, E} = file:open(F, [read, binary | M]),
         tmp:show("~0p ~0p~n", [M, sum(E, N, 0, 0)]),
         ok = file:close(E)
     end || {M, N} <- [{[raw], 4096}, {[raw, {read_ahead, 100000}], 777}, {[], 65536}, {[raw, read_ahead], 100000}]],
    {ok, G} = file:open(F, [raw, write, delayed_write]),
    [ok = file:write(G, <<I:32, "some text">>) || I <- lists:seq(1, 5000)],
    ok = file:close(G),
    {ok, All} = file:read_file(F),
    tmp:show("~0p ~0p~n", [byte_size(All), erlang:md5(All)]),
    {ok, S} = file:open(F, [raw, write, read]),
    Far = 5 bsl 32,
    tmp:show("~0p~n", [[file:pwrite(S, Far, "far"), file:position(S, eof), file:pread(S, Far - 2, 10), file:position(S, {eof, -3}), file:read(S, 10), filelib:file_size(F), file:position(S, 0), file:truncate(S)]]),
    ok = file:close(S),
    tmp:show("~0p~n", [[file:write_file(F, lists:duplicate(20000, $x)), filelib:file_size(F)]]),
    ok = file:write_file(F, [[integer_to_list(I), $\n] || I <- lists:seq(1, 5000)]),
    [begin
         {ok, L} = file:open(F, [read | M]),
         tmp:show("~0p ~0p~n", [M, lines(L, 0, 0)]),
         ok = file:close(L)
     end || M <- [[raw], [raw, binary, read_ahead], [read_ahead]]],
    ok = file:write_file(F, [binary:copy(<<"x">>, 1 bsl 20), "\nrest"]),
    {ok, O} = file:open(F, [read, raw, binary]),
    tmp:show("~0p~n", [[byte_size(element(2, file:read_line(O))), file:read_line(O), file:read_line(O)]]),
    ok = file:close(O).

sum(D, N, Sum, Size) ->
    case file:read(D, N) of
        {ok, B} -> sum(D, N, erlang:crc32(Sum, B), Size + byte_size(B));
        Other -> {Other, Sum, Size}
    end.

lines(D, N, Hash) ->
    case file:read_line(D) of
        {ok, L} -> lines(D, N + 1, erlang:phash2({Hash, iolist_to_binary(L)}));
        Other -> {Other, N, Hash}
    end.
