%% Raw files: modes, reading, writing, positions, several places at once, and what is refused.
-module(raw_files).
-export([main/0]).

main() -> tmp:in(fun run/1).

run(Dir) ->
    F = filename:join(Dir, "f"),
    modes(Dir),
    positions(F),
    places(F),
    refused(F),
    lines(F),
    read_ahead(F),
    delayed(F),
    pointers(F),
    closed(F).

opened(F, Modes) ->
    case file:open(F, [raw, binary | Modes]) of
        {ok, D} ->
            R = {file:write(D, "new"), file:position(D, cur), file:position(D, bof), file:read(D, 10)},
            ok = file:close(D),
            {R, file:read_file(F)};
        Error -> {Error, file:read_file(F)}
    end.

modes(Dir) ->
    F = filename:join(Dir, "modes"),
    Options = [read, write, append, exclusive, sync, directory, skip_type_check],
    Sets = [[]] ++ [[A] || A <- Options] ++ [[A, B] || A <- Options, B <- Options, A < B] ++ [[read, write, append], [read, write, exclusive]],
    [begin
         file:delete(F),
         tmp:show("none ~0p ~0p~n", [Modes, opened(F, Modes)]),
         ok = file:write_file(F, "old text"),
         tmp:show("some ~0p ~0p~n", [Modes, opened(F, Modes)])
     end || Modes <- Sets],
    [tmp:show("directory ~0p ~0p~n", [Modes, case file:open(Dir, [raw | Modes]) of
                                                  {ok, D} -> {ok, file:read(D, 1), file:close(D)};
                                                  E -> E
                                              end])
     || Modes <- [[], [read], [write], [directory], [read, directory], [write, directory], [skip_type_check], [append]]],
    [tmp:show("~0p ~0p~n", [N, catch file:open(N, M)])
     || N <- ["", <<>>, "a\0b", <<"a", 0, "b">>, <<"a", 0>>, foo, 1, [foo], [[[$a]], "b"], [16#d800], <<255, 254>>, filename:join(Dir, "no/such"), F ++ "/x"],
        M <- [[read, raw]]],
    [tmp:show("~0p ~0p~n", [M, case catch prim_file:open(F, M) of {ok, D} -> {ok, file:close(D)}; X -> X end])
     || M <- [[], [foo], [{a, b}, 1, "x"], [read | write], foo, [read, binary, raw, compressed]]],
    ok.

positions(F) ->
    ok = file:write_file(F, "0123456789"),
    {ok, D} = file:open(F, [raw, read, write]),
    [tmp:show("~0p ~0p~n", [P, catch file:position(D, P)])
     || P <- [0, 5, bof, cur, eof, {bof, 3}, {cur, 2}, {cur, -1}, {eof, -4}, {eof, 4}, -1, {bof, -1}, {cur, -100}, {eof, -11}, {foo, 1}, foo, 1.5, {bof, a},
              1 bsl 40, {cur, 0}, 1 bsl 62, (1 bsl 63) - 1, 1 bsl 63, -(1 bsl 63), -(1 bsl 64), {cur, 1 bsl 70}]],
    tmp:show("~0p~n", [[file:position(D, 20), file:read(D, 3), file:write(D, "x"), file:position(D, bof), file:read(D, 100)]]),
    tmp:show("~0p~n", [[file:position(D, 4), file:truncate(D), file:position(D, cur), file:position(D, bof), file:read(D, 100)]]),
    tmp:show("~0p~n", [[file:position(D, 6), file:truncate(D), file:position(D, bof), file:read(D, 100)]]),
    [tmp:show("read ~0p ~0p~n", [N, catch file:read(D, N)]) || N <- [0, -1, a, 1.0, 1 bsl 64]],
    file:position(D, bof),
    [tmp:show("read ~0p ~0p~n", [N, catch file:read(D, N)]) || N <- [1, 2, 100000, 1]],
    ok = file:close(D).

places(F) ->
    ok = file:write_file(F, "0123456789"),
    {ok, D} = file:open(F, [raw, read, write, binary]),
    [tmp:show("pread ~0p ~0p~n", [L, catch file:pread(D, L)])
     || L <- [[], [{0, 1}], [{0, 3}, {8, 5}, {10, 1}, {100, 1}], [{2, 0}], [{-1, 1}], [{0, 1}, {-1, 1}], [{a, 1}], [{0, -1}], [{0, 1} | x], foo, [foo]]],
    [tmp:show("pread ~0p ~0p~n", [{O, N}, catch file:pread(D, O, N)])
     || {O, N} <- [{0, 5}, {5, 100}, {10, 1}, {0, 0}, {20, 5}, {-1, 5}, {5, -1}, {a, 1}, {1 bsl 70, 1}, {1, 1 bsl 70}, {1, (1 bsl 63) - 1}, {(1 bsl 63) - 1, 1}, {1.0, 2}]],
    [tmp:show("pwrite ~0p ~0p ~0p~n", [L, catch file:pwrite(D, L), file:read_file(F)])
     || L <- [[], [{0, "ab"}], [{3, <<"c">>}, {12, ["d", [<<"e">>], $f]}], [{-1, "x"}], [{0, "y"}, {-1, "z"}, {1, "q"}], [{0, foo}], [{0, "u"}, {1, foo}], [{a, "b"}], foo]],
    [tmp:show("pwrite ~0p ~0p ~0p~n", [{O, B}, catch file:pwrite(D, O, B), file:read_file(F)])
     || {O, B} <- [{0, ""}, {1, "XY"}, {18, "end"}, {-1, "a"}, {a, "b"}, {0, [256]}, {1 bsl 70, "x"}, {(1 bsl 63) - 1, "x"}, {1.0, "x"}, {0, [<<"a">> || _ <- lists:seq(1, 20)]}]],
    [tmp:show("write ~0p ~0p~n", [B, catch file:write(D, B)]) || B <- ["", <<>>, [], foo, [foo], [256], [1 | 2], [[] | <<"x">>], <<1:3>>, [<<"a">>, <<1:1>>]]],
    Bits = <<1:3, "unaligned", 0:5>>,
    <<_:3, Part:9/binary, _/bits>> = Bits,
    file:position(D, bof),
    tmp:show("~0p~n", [[file:write(D, [Part, Part]), file:pread(D, 0, 18)]]),
    ok = file:close(D).

refused(F) ->
    ok = file:write_file(F, "0123456789"),
    {ok, R} = file:open(F, [raw, read]),
    {ok, W} = file:open(F, [raw, append]),
    tmp:try_all([{write, fun() -> file:write(R, "x") end}, {write_nothing, fun() -> file:write(R, "") end},
                 {pwrite, fun() -> file:pwrite(R, 0, "x") end}, {truncate, fun() -> file:truncate(R) end},
                 {read, fun() -> file:read(W, 1) end}, {pread, fun() -> file:pread(W, 0, 1) end}, {read_line, fun() -> file:read_line(W) end},
                 {sync, fun() -> {file:sync(W), file:datasync(W), file:sync(R)} end},
                 {allocate, fun() -> [catch file:allocate(W, O, L) || {O, L} <- [{0, 100}, {0, 0}, {-1, 5}, {5, -1}, {a, 1}, {1 bsl 64, 1}]] end},
                 {allocate_read, fun() -> file:allocate(R, 0, 10) end},
                 {size, fun() -> file:read_file(F) end},
                 {advise, fun() -> [catch file:advise(R, O, L, A) || {O, L, A} <- [{0, 0, normal}, {0, 5, random}, {5, 5, sequential}, {0, 0, will_need},
                                                                                   {0, 0, dont_need}, {0, 0, no_reuse}, {0, 0, foo}, {-1, 0, normal},
                                                                                   {a, 0, normal}, {0, 0, 1}]] end},
                 {append, fun() -> {file:position(W, 2), file:write(W, "end"), file:position(W, cur), binary:last(element(2, file:read_file(F)))} end}]),
    [ok, ok] = [file:close(D) || D <- [R, W]].

lines(F) ->
    [begin
         ok = file:write_file(F, Text),
         {ok, D} = file:open(F, [raw, read | More]),
         tmp:show("~0p ~0p ~0p~n", [More, byte_size(Text), all_lines(D, [])]),
         ok = file:close(D)
     end || More <- [[], [{read_ahead, 16}], [binary]],
            Text <- [<<>>, <<"\n">>, <<"one">>, <<"one\n">>, <<"one\r\ntwo\r\n">>, <<"\r\n\r\n">>, <<"a\rb\n\nc">>,
                     iolist_to_binary([[integer_to_list(I), $\n] || I <- lists:seq(1, 30)])]].

all_lines(D, L) ->
    case file:read_line(D) of
        {ok, Line} -> all_lines(D, [Line | L]);
        Other -> {Other, erlang:phash2(L), lists:sublist(lists:reverse(L), 4)}
    end.

read_ahead(F) ->
    ok = file:write_file(F, [integer_to_list(I) || I <- lists:seq(1, 1000)]),
    {ok, D} = file:open(F, [raw, read, write, {read_ahead, 100}, binary]),
    tmp:show("~0p~n", [[file:read(D, 10), file:position(D, cur), file:read(D, 200), file:position(D, {cur, -5}), file:read(D, 10),
                         file:write(D, "<here>"), file:read(D, 10), file:pread(D, 0, 5), file:position(D, cur), file:pwrite(D, 1, "-"),
                         file:read(D, 5), file:position(D, bof), file:read(D, 5), file:position(D, 40), file:read(D, 5), file:truncate(D),
                         file:position(D, eof)]]),
    ok = file:close(D).

delayed(F) ->
    [begin
         file:delete(F),
         {ok, D} = file:open(F, [raw, write, read, M]),
         Before = [file:write(D, "one "), file:write(D, <<"two ">>), element(2, file:read_file(F)), file:position(D, cur), element(2, file:read_file(F)),
                   file:write(D, "three"), file:pread(D, 0, 5), file:write(D, "four"), file:pwrite(D, 1, "X"), file:read(D, 1), file:sync(D),
                   file:write(D, "five"), catch file:write(D, foo), file:truncate(D)],
         tmp:show("~0p ~0p ~0p ~0p~n", [M, Before, file:close(D), file:read_file(F)])
     end || M <- [delayed_write, {delayed_write, 3, 60000}, {delayed_write, 1000000, 1}]],
    {ok, Full} = file:open("/dev/full", [raw, write, {delayed_write, 100000, 60000}]),
    tmp:show("~0p~n", [[file:write(Full, "x"), file:sync(Full), file:write(Full, "y"), file:close(Full), file:close(Full)]]),
    {ok, Full2} = file:open("/dev/full", [raw, write]),
    tmp:show("~0p~n", [[file:write(Full2, "x"), file:write(Full2, ""), file:close(Full2)]]).

pointers(F) ->
    ok = file:write_file(F, <<0, 5:32, 20:32, 100:32, 20:32, "0123456789", 3:32, 1000:32, 0:32, 0:32>>),
    {ok, D} = file:open(F, [raw, read, binary]),
    [tmp:show("~0p ~0p~n", [A, catch prim_file:ipread_s32bu_p32bu(D, O, M)])
     || A = {O, M} <- [{1, 100}, {1, 5}, {1, 4}, {1, infinity}, {9, 1000}, {9, 10}, {27, 10}, {35, 10}, {36, 10}, {100, 1}, {-1, 1}, {1, 1 bsl 31}, {1, -1}, {a, 1}, {1.5, 1}]],
    ok = file:close(D).

closed(F) ->
    {ok, D} = file:open(F, [raw, read, write]),
    ok = file:close(D),
    tmp:try_all([{close, fun() -> file:close(D) end}, {read, fun() -> file:read(D, 1) end}, {write, fun() -> file:write(D, "x") end},
                 {pread, fun() -> file:pread(D, 0, 1) end}, {pwrite, fun() -> file:pwrite(D, 0, "x") end}, {position, fun() -> file:position(D, 0) end},
                 {truncate, fun() -> file:truncate(D) end}, {sync, fun() -> file:sync(D) end}, {datasync, fun() -> file:datasync(D) end},
                 {allocate, fun() -> file:allocate(D, 0, 1) end}, {advise, fun() -> file:advise(D, 0, 0, normal) end},
                 {info, fun() -> file:read_file_info(D) end}, {line, fun() -> file:read_line(D) end}, {handle, fun() -> prim_file:get_handle(D) end},
                 {descriptor, fun() -> [prim_file:file_desc_to_ref(X, [read]) || X <- [-1, 100000, a, 1.0, 1 bsl 40]] end}]).
