-module(memory_types).
-export([main/0]).
%% What each type of erlang:memory/1 counts grows when there is more of it, and shrinks again.

grown(Type, Make, Drop, Least) ->
    erlang:garbage_collect(),
    Before = erlang:memory(Type),
    X = Make(),
    During = erlang:memory(Type),
    Drop(X),
    erlang:garbage_collect(),
    After = erlang:memory(Type),
    io:format("~w ~w ~w~n", [Type, During - Before >= Least, During - After >= Least]).

keep(X) -> put(kept, X).

main() ->
    Forget = fun(_) -> erase(kept) end,
    grown(binary, fun() -> keep([binary:copy(<<N>>, 1000000) || N <- lists:seq(1, 10)]), ok end, Forget, 9000000),
    grown(binary, fun() -> keep(lists:foldl(fun(N, Acc) -> <<Acc/binary, N:800000>> end, <<>>, lists:seq(1, 50))), ok end, Forget, 4900000),
    grown(processes, fun() -> keep(lists:seq(1, 1000000)), ok end, Forget, 14000000),
    grown(ets, fun() -> T = ets:new(t, []), [ets:insert(T, {N, N}) || N <- lists:seq(1, 10000)], T end, fun ets:delete/1, 500000),
    grown(code, fun load/0, fun(M) -> code:delete(M), code:purge(M) end, 100000),
    io:format("~w~n", [lists:sum([proplists:get_value(T, erlang:memory()) || T <- [atom, binary, code, ets]]) =< erlang:memory(system)]).

%% A module of 2,000 functions.
load() ->
    Line = erl_anno:new(1),
    Functions = [{function, Line, list_to_atom("f" ++ integer_to_list(N)), 1,
                  [{clause, Line, [{var, Line, 'X'}], [], [{tuple, Line, [{var, Line, 'X'}, {integer, Line, N}]}]}]} || N <- lists:seq(1, 2000)],
    {ok, M, Code} = compile:forms([{attribute, Line, module, many_functions}, {attribute, Line, compile, export_all} | Functions], [no_spawn_compiler_process]),
    {module, M} = code:load_binary(M, "many_functions.erl", Code),
    M.
