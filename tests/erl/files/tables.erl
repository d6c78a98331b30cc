%% What keeps its data in files: ets:tab2file, dets, disk_log.
-module(tables).
-export([main/0]).

main() -> tmp:in(fun run/1).

run(Dir) ->
    At = fun(Name) -> filename:join(Dir, Name) end,
    ets_files(At),
    dets_tables(At),
    logs(At).

ets_files(At) ->
    T = ets:new(numbers, [set, public, {keypos, 1}]),
    [ets:insert(T, {I, I * I, integer_to_list(I)}) || I <- lists:seq(1, 2000)],
    tmp:try_all([{write, fun() -> [ets:tab2file(T, At("t")), ets:tab2file(T, At("t2"), [{extended_info, [md5sum, object_count]}, {sync, true}]), ets:tab2file(T, At("no/t"))] end},
                 {read, fun() -> {ok, N} = ets:file2tab(At("t")), R = {ets:info(N, size), ets:lookup(N, 77), lists:sort(ets:tab2list(N)) =:= lists:sort(ets:tab2list(T))}, ets:delete(N), R end},
                 {verify, fun() -> {ok, N} = ets:file2tab(At("t2"), [{verify, true}]), R = ets:info(N, size), ets:delete(N), R end},
                 {info, fun() -> {ok, I} = ets:tabfile_info(At("t2")), [proplists:get_value(K, I) || K <- [name, type, protection, keypos, size, extended_info]] end},
                 {none, fun() -> [ets:file2tab(At("none")), ets:tabfile_info(At("none"))] end},
                 {broken, fun() -> {ok, B} = file:read_file(At("t")), ok = file:write_file(At("b"), binary:part(B, 0, byte_size(B) - 300)),
                                   case ets:file2tab(At("b"), [{verify, true}]) of {error, _} -> error; {ok, _} -> ok end end},
                 {text, fun() -> ok = file:write_file(At("x"), "no table"), element(1, ets:file2tab(At("x"))) end}]).

dets_tables(At) ->
    F = At("dets"),
    {ok, D} = dets:open_file(d, [{file, F}, {type, bag}]),
    tmp:try_all([{fill, fun() -> [dets:insert(D, [{I rem 100, I} || I <- lists:seq(1, 3000)]), dets:info(D, size)] end},
                 {lookup, fun() -> [lists:sort(dets:lookup(D, 7)) =:= [{7, I} || I <- lists:seq(7, 3000, 100)], dets:lookup(D, none), dets:member(D, 5)] end},
                 {match, fun() -> [length(dets:match(D, {5, '$1'})), lists:sort(dets:select(D, [{{3, '$1'}, [{'<', '$1', 400}], ['$1']}]))] end},
                 {delete, fun() -> [dets:delete(D, 7), dets:delete_object(D, {8, 8}), dets:match_delete(D, {9, '_'}), dets:info(D, size)] end},
                 {fold, fun() -> dets:foldl(fun({_, V}, S) -> S + V end, 0, D) end},
                 {close, fun() -> [dets:sync(D), dets:close(D), catch dets:lookup(D, 1)] end},
                 {again, fun() -> {ok, E} = dets:open_file(F), R = [dets:info(E, size), dets:info(E, type), length(dets:lookup(E, 8))], dets:close(E), R end},
                 {is_dets, fun() -> [dets:is_dets_file(N) || N <- [F, At("none"), At("t")]] end},
                 {refused, fun() -> [catch dets:open_file(x, [{file, At("t")}]), catch dets:open_file(y, [{file, At("no/dets")}]), catch dets:open_file(At("none")),
                                     element(1, dets:open_file(z, [{file, F}, {type, set}]))] end},
                 {repair, fun() ->
                              {ok, W} = dets:open_file(r, [{file, At("r")}]),
                              ok = dets:insert(W, [{I, I} || I <- lists:seq(1, 500)]),
                              ok = dets:sync(W),
                              {ok, _} = file:copy(At("r"), At("copy")),
                              ok = dets:close(W),
                              R1 = dets:open_file(c, [{file, At("copy")}, {repair, false}]),
                              {ok, C} = dets:open_file(c, [{file, At("copy")}, {repair, force}]),
                              R2 = dets:info(C, size),
                              [R1, R2, dets:close(C)]
                          end},
                 {to_ets, fun() -> {ok, E} = dets:open_file(F), T = ets:new(t, [bag]), true = ets:is_compiled_ms(ets:match_spec_compile([])), ets:from_dets(T, E), R = ets:info(T, size), dets:close(E), R end}]).

logs(At) ->
    {ok, L} = disk_log:open([{name, l}, {file, At("log")}]),
    tmp:try_all([{log, fun() -> [disk_log:log(L, {term, I}) || I <- lists:seq(1, 3)] ++ [disk_log:log_terms(L, [a, b, {c, lists:seq(1, 100)}])] end},
                 {read, fun() -> {_, Terms} = disk_log:chunk(L, start), length(Terms) end},
                 {info, fun() -> [proplists:get_value(K, disk_log:info(L)) || K <- [type, format, size, mode, no_items, status]] end},
                 {sync, fun() -> [disk_log:sync(L), disk_log:close(L), disk_log:log(L, x)] end},
                 {again, fun() -> {ok, M} = disk_log:open([{name, m}, {file, At("log")}, {mode, read_only}]), {_, Terms} = disk_log:chunk(M, start), disk_log:close(M), hd(Terms) end},
                 {wrap, fun() ->
                            {ok, W} = disk_log:open([{name, w}, {file, At("wrap")}, {type, wrap}, {size, {2000, 3}}]),
                            [disk_log:log(W, {I, lists:seq(1, 50)}) || I <- lists:seq(1, 200)],
                            disk_log:close(W),
                            {ok, Names} = file:list_dir(At("")),
                            lists:sort([N || N <- Names, lists:prefix("wrap", N)])
                        end},
                 {external, fun() -> {ok, E} = disk_log:open([{name, e}, {file, At("text")}, {format, external}]), R = [disk_log:blog(E, "line\n"), disk_log:close(E)], [R, file:read_file(At("text"))] end},
                 {not_closed, fun() ->
                                  {P, R} = spawn_monitor(fun() -> {ok, _} = disk_log:open([{name, n}, {file, At("n")}]), disk_log:log(n, x), exit(done) end),
                                  receive {'DOWN', R, _, P, V} -> V end
                              end}]).
