%% Directories, names, links, the working directory.
-module(directories).
-export([main/0]).

main() -> tmp:in(fun run/1).

run(Dir) ->
    At = fun(Name) -> filename:join(Dir, Name) end,
    ok = file:write_file(At("file"), "text"),
    ok = file:make_dir(At("full")),
    ok = file:write_file(At("full/x"), "x"),
    tmp:try_all(
        [{make_dir, fun() -> [file:make_dir(At(N)) || N <- ["d", "d", "no/d", "file", "file/d", "d/e", ""]] end},
         {make_dir_names, fun() -> [catch file:make_dir(N) || N <- ["", "a\0b", <<"a", 0>>, 1, [-1]]] end},
         {list, fun() -> [sorted(file:list_dir(At(N))) || N <- ["", "full", "d", "d/e", "no", "file", "file/x"]] end},
         {list_all, fun() -> [sorted(file:list_dir_all(At(N))) || N <- ["", "full", "no"]] end},
         {list_names, fun() -> [catch file:list_dir(N) || N <- ["", "a\0b", 1, foo]] end},
         {del_dir, fun() -> [file:del_dir(At(N)) || N <- ["d", "full", "file", "no", "d/e", "d", "d/.."]] end},
         {delete, fun() -> [file:delete(At(N)) || N <- ["full", "no", "file/x", "full/x", "full/x", ""]] end},
         {delete_raw, fun() -> [file:delete(At(N), [raw]) || N <- ["full", "no"]] end},
         {root, fun() -> [file:del_dir("/"), file:rename("/", At("root")), file:delete("/")] end}]),
    renaming(At),
    links(At),
    names(At),
    working_directory(At),
    odd(At).

sorted({ok, L}) -> {ok, lists:sort(L)};
sorted(Other) -> Other.

renaming(At) ->
    ok = file:write_file(At("a"), "a"),
    ok = file:write_file(At("b"), "b"),
    [ok = filelib:ensure_dir(At(N)) || N <- ["empty/x", "other/x", "some/x"]],
    ok = file:write_file(At("some/x"), "x"),
    tmp:try_all([{{A, B}, fun() -> {file:rename(At(A), At(B)), file:read_file(At(B))} end}
                 || {A, B} <- [{"a", "b"}, {"a", "b"}, {"b", "c"}, {"c", "c"}, {"c", "empty"}, {"empty", "c"}, {"empty", "other"}, {"other", "some"},
                               {"some", "other"}, {"other", "other/in"}, {"c", "no/c"}, {"c/x", "d"}, {"other/x", "x"}]]).

links(At) ->
    ok = file:write_file(At("target"), "text"),
    ok = file:make_dir(At("td")),
    tmp:try_all(
        [{make_link, fun() -> [file:make_link(At(A), At(B)) || {A, B} <- [{"target", "hard"}, {"target", "hard"}, {"no", "h"}, {"td", "h"}, {"target", "no/h"}]] end},
         {make_symlink, fun() -> [file:make_symlink(A, At(B)) || {A, B} <- [{"target", "soft"}, {"target", "soft"}, {"no such", "dangling"}, {"", "e"},
                                                                            {"loop", "loop"}, {"td", "sd"}, {At("target"), "full_path"}]] end},
         {read_link, fun() -> [file:read_link(At(N)) || N <- ["soft", "hard", "dangling", "no", "loop", "td", "sd", ""]] end},
         {read_link_all, fun() -> [file:read_link_all(At(N)) || N <- ["soft", "no"]] end},
         {through, fun() -> [file:read_file(At(N)) || N <- ["soft", "hard", "dangling", "loop", "sd", "full_path"]] end},
         {exclusive, fun() -> file:open(At("dangling"), [write, raw, exclusive]) end},
         {counts, fun() -> {ok, I} = file:read_file_info(At("target")), element(9, I) end},
         {long, fun() ->
                    Long = lists:duplicate(100, "0123456789") ++ "/x",
                    Target = lists:flatten(Long),
                    {file:make_symlink(Target, At("long")), file:read_link(At("long")) =:= {ok, Target}, file:read_file(At("long")),
                     file:make_symlink(lists:duplicate(5000, $a), At("longer"))}
                end},
         {raw_target, fun() -> {file:make_symlink(<<"a", 255>>, At("raw")), file:read_link(At("raw")), file:read_link_all(At("raw"))} end},
         {delete, fun() -> [{file:delete(At(N)), file:read_file(At("target"))} || N <- ["soft", "hard", "sd", "dangling"]] end}]).

names(At) ->
    ok = file:make_dir(At("names")),
    Names = ["å", "日本語", "a b", "x'\"y", [16#1F600], lists:duplicate(255, $n), lists:duplicate(256, $n), lists:duplicate(127, 16#e5), "line\nbreak", "-", "~"],
    [tmp:show("~ts ~0p~n", [lists:sublist(N, 10), [file:write_file(At(["names/", N]), <<(length(N))>>), file:read_file(At(["names/", N]))]]) || N <- Names],
    ok = file:write_file(At(<<"names/", 255, "raw", 254>>), "raw"),
    tmp:show("~0tp~n", [sorted(file:list_dir_all(At("names")))]),
    {ok, L} = file:list_dir(At("names")),
    tmp:show("~0tp~n", [lists:sort([X || X <- L, is_list(X)])]),
    tmp:show("~0p~n", [file:read_file(At(<<"names/", 255, "raw", 254>>))]),
    tmp:show("~0tp~n", [lists:sort([lists:nthtail(length(At("names/")), X) || X <- filelib:wildcard(At("names/*")), is_list(X)])]),
    {ok, Found} = file:list_dir(At("names")),
    [file:delete(At(["names/", X])) || X <- Found],
    tmp:show("~0p~n", [file:delete(At(<<"names/", 255, "raw", 254>>))]).

working_directory(At) ->
    {ok, Was} = file:get_cwd(),
    ok = filelib:ensure_dir(At("w/inner/x")),
    ok = file:write_file(At("w/f"), "here"),
    Short = fun({ok, Path}) -> {ok, string:prefix(Path, At(""))}; (X) -> X end,
    tmp:try_all(
        [{set, fun() -> [file:set_cwd(At("w")), Short(file:get_cwd()), file:read_file("f"), file:write_file("g", "new"), file:read_file(At("w/g"))] end},
         {inner, fun() -> [file:set_cwd("inner"), Short(file:get_cwd()), file:read_file("../f"), file:read_file("f"), file:list_dir("."), sorted(file:list_dir(".."))] end},
         {errors, fun() -> [file:set_cwd(N) || N <- ["no", "../f", "", foo, "a\0b"]] ++ [Short(file:get_cwd())] end},
         {relative, fun() -> [file:make_dir("new"), file:make_symlink("../f", "s"), file:read_file("s"), file:read_link("s"), file:rename("s", "t"), file:make_link("../f", "h"),
                              filelib:is_dir("new"), filelib:is_file("h"), file:del_dir("new"), file:delete("t"), file:delete("h")] end},
         {absolute, fun() -> string:prefix(filename:absname("x"), At("")) end},
         {own, fun() -> [file:write_file("keep", ""), file:del_dir(At("w/inner")), file:delete("keep"), file:del_dir("."), file:del_dir(At("w/inner"))] end},
         {gone, fun() -> [file:get_cwd(), file:list_dir("."), file:read_file("f"), file:make_dir("x"), file:set_cwd(".."), Short(file:get_cwd())] end},
         {others, fun() -> [catch file:get_cwd(D) || D <- ["C:", "", foo]] end},
         {back, fun() -> [file:set_cwd(Was), file:get_cwd() =:= {ok, Was}] end},
         {altname, fun() -> [file:altname(At("w")), catch file:altname(foo)] end}]),
    ok.

%% Files whose size the system does not tell, and devices.
odd(At) ->
    tmp:try_all(
        [{proc, fun() -> {ok, B} = file:read_file("/proc/self/stat"), byte_size(B) > 10 end},
         {proc_raw, fun() -> {ok, D} = file:open("/proc/self/stat", [raw, read]), {ok, L} = file:read(D, 1000000), [length(L) > 10, file:read(D, 1), file:close(D)] end},
         {null, fun() -> [file:read_file("/dev/null"), file:write_file("/dev/null", "x")] end},
         {zero, fun() -> {ok, D} = file:open("/dev/zero", [raw, read, binary]), {ok, B} = file:read(D, 200000), [byte_size(B), file:close(D)] end},
         {full, fun() -> file:write_file("/dev/full", "x") end},
         {directory, fun() -> [file:read_file(At("w")), file:write_file(At("w"), "x"), file:read_file(At("none")), file:read_file(At("w/f/x"))] end},
         {names, fun() -> [catch file:read_file(N) || N <- ["", foo, 1, "a\0b", <<"a", 0>>, [[], []]]] end}]).
