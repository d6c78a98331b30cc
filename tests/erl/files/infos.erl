%% What the system tells of files, and what of it can be set.
-module(infos).
-export([main/0]).
-include_lib("kernel/include/file.hrl").

main() -> tmp:in(fun run/1).

run(Dir) ->
    At = fun(Name) -> filename:join(Dir, Name) end,
    ok = file:write_file(At("f"), "12345"),
    ok = file:make_symlink("f", At("l")),
    ok = file:make_symlink("none", At("dangling")),
    [tmp:show("~0p ~0p~n ~0p~n", [N, shown(file:read_file_info(At(N))), shown(file:read_link_info(At(N)))]) || N <- ["f", "l", "dangling", "", "none", "f/x"]],
    [tmp:show("~0p ~0p~n", [N, shown(catch file:read_file_info(N))]) || N <- ["/dev/null", "/dev", "", foo, "a\0b", <<>>, 1]],
    {ok, D} = file:open(At("f"), [raw, read]),
    {ok, E} = file:open(At("f"), [read]),
    tmp:show("~0p ~0p~n", [shown(file:read_file_info(D)), shown(file:read_file_info(E))]),
    [file:close(X) || X <- [D, E]],
    same_as_system(At("f")),
    options(At("f")),
    permissions(At("f")),
    times(At("f")),
    owners(At("f")),
    linked(At).

shown({ok, #file_info{type = regular} = I}) -> {regular, I#file_info.size, I#file_info.access, I#file_info.mode band 8#7777, I#file_info.links};
shown({ok, #file_info{type = device} = I}) -> {device, I#file_info.access, I#file_info.mode, I#file_info.minor_device};
shown({ok, #file_info{} = I}) -> {I#file_info.type, I#file_info.access, I#file_info.mode band 8#7777};
shown(Other) -> Other.

same_as_system(F) ->
    {ok, I} = file:read_file_info(F, [{time, posix}]),
    Now = erlang:system_time(second),
    tmp:show("~0p~n", [{Now - I#file_info.mtime < 100, I#file_info.atime - I#file_info.mtime < 100, I#file_info.inode > 0, I#file_info.major_device > 0,
                         tuple_size(I), is_integer(I#file_info.uid), is_integer(I#file_info.gid)}]).

options(F) ->
    ok = file:write_file_info(F, #file_info{mtime = 1000000000, atime = 1100000000}, [{time, posix}]),
    [tmp:show("~0p ~0p~n", [O, case catch file:read_file_info(F, O) of {ok, I} -> {I#file_info.mtime, I#file_info.atime}; X -> X end])
     || O <- [[{time, posix}], [{time, universal}], [raw, {time, posix}], [{time, foo}], foo, [raw]]].

permissions(F) ->
    [tmp:show("~.8b ~0p ~0p~n", [M, file:change_mode(F, M), shown(file:read_file_info(F))])
     || M <- [8#600, 8#644, 8#000, 8#777, 8#4755, 8#2755, 8#1777, 8#7777, 8#100644]],
    tmp:show("~0p~n", [[catch file:change_mode(F, M) || M <- [-1, foo, 1 bsl 32, 1 bsl 40]]]),
    tmp:show("~0p~n", [file:change_mode(F ++ "no", 8#644)]).

times(F) ->
    Set = fun(A, M) -> {file:write_file_info(F, #file_info{atime = A, mtime = M}, [{time, posix}]),
                        begin {ok, I} = file:read_file_info(F, [{time, posix}]), {I#file_info.atime, I#file_info.mtime} end} end,
    [tmp:show("~0p ~0p~n", [P, catch Set(A, M)]) || P = {A, M} <- [{0, 0}, {1, 2}, {2000000000, 1999999999}, {-1, -1000}, {-3000000000, 0}, {5000000000, 5000000001}]],
    tmp:show("~0p~n", [[file:change_time(F, {{2001, 2, 3}, {4, 5, 6}}), file:change_time(F, {{2002, 2, 3}, {4, 5, 6}}, {{2003, 2, 3}, {4, 5, 6}}), catch file:change_time(F, foo)]]),
    {ok, I} = file:read_file_info(F, [{time, local}]),
    tmp:show("~0p ~0p~n", [I#file_info.atime, I#file_info.mtime]),
    tmp:show("~0p~n", [file:write_file_info(F ++ "no", #file_info{mtime = 1, atime = 1}, [{time, posix}])]).

owners(F) ->
    {ok, #file_info{uid = U, gid = G}} = file:read_file_info(F),
    tmp:show("~0p~n", [[file:change_owner(F, U), file:change_group(F, G), file:change_owner(F, U, G), catch file:change_owner(F, foo), catch file:change_owner(F, 1 bsl 40),
                         file:change_owner(F ++ "no", U)]]).

linked(At) ->
    ok = file:write_file(At("one"), ""),
    [tmp:show("~0p ~0p~n", [filelib:N(At(X)), X]) || X <- ["one", "l", "none", "", "dangling"], N <- [is_file, is_regular, is_dir, file_size]],
    tmp:show("~0p~n", [lists:sort([lists:nthtail(length(At("")) + 1, X) || X <- filelib:wildcard(At("**"))])]),
    tmp:show("~0p~n", [lists:sort(filelib:wildcard("*", At("")))]),
    tmp:show("~0p~n", [filelib:fold_files(At(""), "^o", true, fun(X, A) -> [filename:basename(X) | A] end, [])]),
    tmp:show("~0p~n", [filelib:ensure_dir(At("p/q/r"))]),
    tmp:show("~0p~n", [filelib:ensure_path(At("p/q/s/t"))]),
    tmp:show("~0p~n", [filelib:find_file("one", At(""))  =:= {ok, At("one")}]),
    tmp:show("~0p~n", [filelib:safe_relative_path("a/../../b", At(""))]).
