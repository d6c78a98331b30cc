%% Files through the I/O protocol: file_server, file_io_server, and the functions of file on top of them.
-module(io_files).
-export([main/0]).

main() -> tmp:in(fun run/1).

run(Dir) ->
    At = fun(Name) -> filename:join(Dir, Name) end,
    whole(At),
    processes(At),
    characters(At),
    terms(At),
    modes(At),
    copies(At),
    compressed(At),
    wrong(At).

whole(At) ->
    tmp:try_all([{write, fun() -> [catch file:write_file(At("f"), B) || B <- ["text", <<"text">>, [], ["a", [<<"b">>, $c]], foo, [256], 1]] end},
                 {write_modes, fun() -> [{catch file:write_file(At("f"), "x", M), file:read_file(At("f"))} || M <- [[], [append], [exclusive], [raw], [append, raw], [sync], [foo], foo, [{encoding, utf8}]]] end},
                 {errors, fun() -> [file:write_file(N, "x") || N <- [At(""), At("no/f"), "", 1, "a\0"]] end},
                 {format, fun() -> [lists:flatten(file:format_error(E)) || E <- [enoent, eacces, badarg, terminated, system_limit, foo, {1, erl_parse, ["x"]}]] end}]).

processes(At) ->
    F = At("lines"),
    ok = file:write_file(F, "one\ntwo\r\nthree"),
    {ok, D} = file:open(F, [read, write]),
    tmp:show("~0p~n", [[is_pid(D), file:read(D, 2), file:read_line(D), file:position(D, cur), io:get_line(D, ""), io:get_line(D, ""), io:get_line(D, ""), file:position(D, bof),
                        file:read(D, 100), file:read(D, 1), file:position(D, 4), file:write(D, "TWO"), file:pread(D, 0, 5), file:pread(D, [{0, 1}, {50, 1}]),
                        file:pwrite(D, 0, "O"), file:pwrite(D, [{1, "N"}, {-1, "x"}]), file:truncate(D), file:sync(D), file:datasync(D), file:read_file(F)]]),
    tmp:show("~0p~n", [[io:getopts(D), io:setopts(D, [binary]), io:getopts(D), file:position(D, bof), io:get_chars(D, "", 3), file:read(D, 2),
                        io:setopts(D, [{encoding, latin1}]), io:setopts(D, [foo])]]),
    tmp:show("~0p~n", [[file:close(D), file:close(D), file:read(D, 1), file:write(D, "x"), catch io:get_line(D, ""), catch io:put_chars(D, "x")]]),
    Self = self(),
    {ok, E} = file:open(F, [read]),
    spawn(fun() -> Self ! {other, file:read(E, 2), file:position(E, 0)} end),
    receive Other -> tmp:show("~0p~n", [Other]) end,
    {P, R} = spawn_monitor(fun() -> {ok, G} = file:open(F, [write]), Self ! {opened, G}, receive go -> ok end end),
    receive {opened, G} -> GR = monitor(process, G), P ! go, receive {'DOWN', R, _, _, W} -> tmp:show("~0p~n", [W]) end, receive {'DOWN', GR, _, _, W2} -> tmp:show("~0p~n", [W2]) end end,
    tmp:show("~0p~n", [[file:pid2name(E), file:close(E), catch file:read(foo, 1), catch file:read({file_descriptor, x, y}, 1)]]).

characters(At) ->
    Text = [$a, 16#e5, 16#3b1, 16#65e5, 16#1F600, $\n, $z],
    [begin
         F = At("text"),
         {ok, D} = file:open(F, [write, {encoding, Enc}]),
         W = (catch io:put_chars(D, Text)),
         file:close(D),
         {ok, B} = file:read_file(F),
         {ok, R} = file:open(F, [read, {encoding, Enc}]),
         Back = [io:get_chars(R, "", 2), io:get_line(R, ""), io:get_chars(R, "", 10), file:position(R, bof), catch file:read(R, 4), file:position(R, 1), io:get_line(R, "")],
         file:close(R),
         tmp:show("~0p ~0p ~0p ~0tp~n", [Enc, W, B, Back])
     end || Enc <- [utf8, unicode, latin1, utf16, {utf16, little}, {utf16, big}, utf32, {utf32, little}]],
    [begin
         ok = file:write_file(At("bom"), [unicode:encoding_to_bom(Enc), unicode:characters_to_binary("hej", utf8, Enc)]),
         {ok, D} = file:open(At("bom"), [read, binary]),
         {ok, B} = file:read(D, 4),
         tmp:show("~0p ~0p~n", [Enc, unicode:bom_to_encoding(B)]),
         file:close(D)
     end || Enc <- [utf8, {utf16, big}, {utf32, little}]],
    ok = file:write_file(At("bad"), <<"ok\n", 255, "\n">>),
    {ok, D} = file:open(At("bad"), [read, {encoding, utf8}]),
    tmp:show("~0p~n", [[io:get_line(D, ""), io:get_line(D, ""), file:close(D)]]),
    tmp:show("~0p~n", [file:open(At("bad"), [read, {encoding, foo}])]).

terms(At) ->
    ok = file:write_file(At("t"), "{a,1}.\n%% comment\n[b,\"c\"].\n"),
    ok = file:write_file(At("bad"), "{a,1}.\n{b,.\n"),
    ok = file:write_file(At("utf"), <<"%% -*- coding: utf-8 -*-\n\"å\".\n"/utf8>>),
    ok = file:write_file(At("script"), "X = 1,\nX + Y.\n"),
    ok = file:write_file(At("eval"), "self() ! evaluated.\n"),
    ok = file:write_file(At("fails"), "1 = 2.\n"),
    tmp:try_all([{consult, fun() -> [file:consult(At(N)) || N <- ["t", "bad", "utf", "none", ""]] end},
                 {script, fun() -> [file:script(At("script"), [{'Y', 2}]), file:script(At("t")), file:script(At("none"))] end},
                 {eval, fun() -> [file:eval(At("eval")), receive evaluated -> ok after 0 -> none end, file:eval(At("fails"))] end},
                 {path, fun() -> [file:path_consult([At("x"), At("")], "t"), element(1, file:path_open([At("")], "t", [read])), file:path_open([At("")], "no", [read]),
                                  file:path_eval([At("")], "eval"), file:path_script([At("")], "t")] end}]).

modes(At) ->
    F = At("m"),
    [begin
         ok = file:write_file(F, "0123456789"),
         R = case catch file:open(F, M) of
                 {ok, D} -> {catch file:read(D, 3), catch file:write(D, "abc"), catch file:position(D, bof), catch file:read(D, 20), catch file:close(D), file:read_file(F)};
                 X -> X
             end,
         tmp:show("~0p ~0p~n", [M, R])
     end || M <- [[], [read], [write], [append], [read, write], [read, append], [exclusive], [read, binary], [read, write, delayed_write], [read, write, read_ahead],
                  [read, write, {delayed_write, 2, 10}, {read_ahead, 2}], [read, sync, write], [foo], foo, [read, foo], [directory], [read, {encoding, utf8}, write]]].

copies(At) ->
    ok = file:write_file(At("from"), binary:copy(<<"0123456789">>, 20000)),
    tmp:try_all([{copy, fun() -> [file:copy(At("from"), At("to")), file:read_file(At("to")) =:= file:read_file(At("from")), file:copy(At("from"), At("to"), 5), file:read_file(At("to")),
                                  file:copy(At("none"), At("to")), file:copy(At("from"), At("no/to")), file:copy({At("from"), [read, raw]}, {At("to"), [append]}, 3), file:read_file(At("to"))] end},
                 {opened, fun() -> {ok, A} = file:open(At("from"), [read, raw]), {ok, B} = file:open(At("to2"), [write]),
                                   [file:position(A, 199990), file:copy(A, B), file:close(A), file:close(B), file:read_file(At("to2"))] end},
                 {sizes, fun() -> [filelib:file_size(At(N)) || N <- ["from", "to", "none"]] end}]).

compressed(At) ->
    tmp:try_all([{read, fun() -> ok = file:write_file(At("gz"), zlib:gzip("text in a file")), file:read_file(At("gz")), [zlib:gunzip(element(2, file:read_file(At("gz"))))] end}]).

wrong(At) ->
    tmp:try_all([{N, fun() -> file:open(N, [read]) end} || N <- [At("none"), At(""), "", foo, 1, <<"a", 0>>, At("f/x")]]).
