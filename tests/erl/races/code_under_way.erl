%% Code is called for the first time, loaded, replaced, deleted and purged while processes on all schedulers run it, apply its
%% exports, make and call its funs, look at stack traces that lead into it and at what code there is.
-module(code_under_way).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    first_calls(),
    replaced(),
    deleted(),
    by_autoload().

%% Text of a module to its code.
compiled(Name, Lines) ->
    Forms = [begin {ok, Tokens, _} = erl_scan:string(L), {ok, F} = erl_parse:parse_form(Tokens), F end || L <- ["-module(" ++ atom_to_list(Name) ++ ")." | Lines]],
    {ok, Name, Binary} = compile:forms(Forms, [export_all, nowarn_export_all]),
    Binary.

together(Funs) ->
    Pids = [spawn_link(fun() -> exit({result, F()}) end) || F <- Funs],
    [receive {'EXIT', P, {result, R}} -> R; {'EXIT', P, Other} -> Other end || P <- Pids].

%% Many functions that nobody has called yet, called by all at once.
first_calls() ->
    Many = [lists:flatten(io_lib:format("f~w(X) -> {~w, X, [g~w(X), \"text ~w\"]}.", [N, N, N, N])) || N <- lists:seq(1, 120)] ++
           [lists:flatten(io_lib:format("g~w(X) -> try X + ~w of Y -> Y catch error:E:S -> {E, element(1, hd(S))} end.", [N, N])) || N <- lists:seq(1, 120)],
    Code = compiled(races_many, Many),
    {module, races_many} = code:load_binary(races_many, "races_many", Code),
    Call = fun() -> erlang:phash2([races_many:(list_to_atom("f" ++ integer_to_list(N)))(X) || N <- lists:seq(1, 120), X <- [1, a]]) end,
    io:format("~w~n", [length(lists:usort(together(lists:duplicate(8, Call))))]),
    true = code:delete(races_many),
    code:purge(races_many).

replaced() ->
    Versions = [compiled(races_v, ["v() -> " ++ V ++ ".", "f() -> fun(X) -> {X, v(), " ++ V ++ "} end.", "t() -> {\"some literal\", [{" ++ V ++ "}]}.",
                                   "raise(0) -> error({v, " ++ V ++ "}); raise(N) -> 1 + raise(N - 1).",
                                   "wait() -> receive stop -> " ++ V ++ " after 3 -> races_v:wait() end."]) || V <- ["1", "2", "3", "4"]],
    {module, races_v} = code:load_binary(races_v, "races_v", hd(Versions)),
    Callers = [spawn_link(fun() -> calls(0) end) || _ <- lists:seq(1, 4)],
    Waiters = [spawn_link(races_v, wait, []) || _ <- [1, 2, 3]],
    Lookers = [spawn_link(fun() -> looks() end) || _ <- [1, 2]],
    [begin
         code:soft_purge(races_v) orelse begin receive after 4 -> ok end, code:soft_purge(races_v) end orelse code:purge(races_v),
         {module, races_v} = code:load_binary(races_v, "races_v", lists:nth(1 + N rem 4, Versions))
     end || N <- lists:seq(1, 16)],
    %% Whom a purge has met in old code, it has killed.
    io:format("~w~n", [lists:usort([ended(P) || P <- Callers ++ Waiters ++ Lookers]) -- [killed]]),
    code:purge(races_v),
    true = code:delete(races_v),
    code:purge(races_v).

ended(P) ->
    exit(P, kill),
    receive {'EXIT', P, Why} -> Why end.

calls(N) ->
    V = races_v:v(),
    true = V >= 1 andalso V =< 4,
    {_, [{L}]} = races_v:t(),
    true = L >= 1 andalso L =< 4,
    F = races_v:f(),
    try F(N) of {N, W, W} -> ok catch error:{badfun, F} -> ok end,
    try races_v:raise(N rem 30) catch error:{v, _}:Stack -> {races_v, raise, 1, _} = hd(Stack) end,
    true = apply(races_v, v, []) =< 4,
    G = fun races_v:v/0,
    true = G() =< 4,
    N rem 20 =:= 0 andalso receive after 1 -> ok end,
    calls(N + 1).

looks() ->
    erlang:module_loaded(races_v),
    erlang:function_exported(races_v, v, 0),
    catch races_v:module_info(exports),
    erlang:check_old_code(races_v),
    code:is_loaded(races_v),
    erlang:loaded(),
    code:all_loaded(),
    receive after 1 -> ok end,
    looks().

%% Deleted and loaded again: callers find it or find it undefined.
deleted() ->
    Code = compiled(races_d, ["f(X) -> X + 1."]),
    {module, races_d} = code:load_binary(races_d, "races_d", Code),
    Callers = [spawn_link(fun() -> may_fail(0) end) || _ <- lists:seq(1, 4)],
    [begin
         code:delete(races_d),
         code:purge(races_d),
         {module, races_d} = code:load_binary(races_d, "races_d", Code)
     end || _ <- lists:seq(1, 20)],
    io:format("~w~n", [lists:usort([ended(P) || P <- Callers]) -- [killed]]),
    io:format("~w~n", [races_d:f(1)]),
    code:delete(races_d),
    code:purge(races_d).

may_fail(N) ->
    try true = races_d:f(N) =:= N + 1 catch error:undef -> ok end,
    N rem 20 =:= 0 andalso receive after 1 -> ok end,
    may_fail(N + 1).

%% Modules that nobody has called yet are loaded by whoever comes first.
by_autoload() ->
    Calls = [fun() -> orddict:size(orddict:from_list([{1, 2}])) end, fun() -> gb_sets:size(gb_sets:from_list([1, 2])) end,
             fun() -> string:length("abc") end, fun() -> queue:len(queue:from_list([1, 2, 3, 4])) end, fun() -> array:size(array:new(5)) end,
             fun() -> length(digraph:vertices(digraph:new())) + 6 end, fun() -> sofs:no_elements(sofs:set([1, 2, 3, 4, 5, 6, 7])) end],
    io:format("~w~n", [together(Calls ++ Calls ++ Calls)]).
