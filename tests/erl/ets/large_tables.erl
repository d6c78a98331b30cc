%% Tables that a scan does not get through in one time slice; changes during a traversal; many processes on one table.
-module(large_tables).
-export([main/0]).

main() ->
    [rows(Type, 20000) || Type <- [set, ordered_set, bag, duplicate_bag]],
    together(),
    vanishing().

rows(Type, N) ->
    T = ets:new(t, [Type, public]),
    [ets:insert(T, {I, I rem 7}) || I <- lists:seq(1, N)],
    L = ets:select(T, [{{'$1', '$2'}, [{'==', '$2', 3}], ['$1']}]),
    R = ets:select_reverse(T, [{{'$1', '$2'}, [{'==', '$2', 3}], ['$1']}]),
    p([Type, ets:info(T, size), length(L), lists:sum(L), length(R), lists:sum(R)]),
    p(Type =/= ordered_set orelse {L =:= lists:sort(L), R =:= lists:reverse(L)}),
    p([ets:select_count(T, [{{'_', 4}, [], [true]}]), length(ets:tab2list(T)), lists:sum([X || {X, _} <- ets:tab2list(T)])]),
    p([chunks(ets:select(T, [{{'$1', 5}, [], ['$1']}], 1000), 0), chunks(ets:select_reverse(T, [{{'$1', 5}, [], ['$1']}], 1000), 0)]),
    Type =:= bag orelse p(ets:select_replace(T, [{{'$1', 1}, [], [{{'$1', 9}}]}])),
    p([ets:select_delete(T, [{{'_', '$1'}, [{'>', '$1', 3}], [true]}]), ets:info(T, size)]),
    p([walk(T, ets:first(T), 0), ets:foldl(fun({X, _}, S) -> X + S end, 0, T)]),
    ets:safe_fixtable(T, true),
    p(delete_all(T, ets:first(T), 0)),
    ets:safe_fixtable(T, false),
    p([ets:info(T, size), ets:first(T)]),
    [ets:insert(T, {{I, I rem 3}, x}) || I <- lists:seq(1, 1000)],
    p([length(ets:match(T, {{'_', 1}, '_'})), ets:match(T, {{500, '$1'}, '_'}), ets:delete_all_objects(T), ets:info(T, size), ets:delete(T)]).

chunks('$end_of_table', Sum) -> Sum;
chunks({L, Continuation}, Sum) -> chunks(ets:select(Continuation), Sum + lists:sum(L)).

walk(_, '$end_of_table', Sum) -> Sum;
walk(T, Key, Sum) -> walk(T, ets:next(T, Key), Sum + Key).

%% Deletes each key that it comes to, and lets others come and go.
delete_all(_, '$end_of_table', Sum) -> Sum;
delete_all(T, Key, Sum) ->
    ets:delete(T, Key),
    ets:insert(T, {Key + 1000000000, x}),
    ets:delete(T, Key + 1000000000),
    delete_all(T, ets:next(T, Key), Sum + Key).

together() ->
    Me = self(),
    T = ets:new(t, [public, named_table, {write_concurrency, true}]),
    O = ets:new(o, [public, ordered_set]),
    ets:insert(t, {counter, 0}),
    Writers = [spawn_link(fun() -> [write(O, X, I) || I <- lists:seq(1, 3000)], Me ! done end) || X <- lists:seq(1, 4)],
    Reader = spawn(fun() -> read(T, O) end),
    [receive done -> ok end || _ <- Writers],
    exit(Reader, kill),
    p([ets:lookup(t, counter), ets:info(t, size), ets:info(O, size)]).

write(O, X, I) ->
    ets:update_counter(t, counter, 1),
    ets:insert(O, {{X, I}, I}),
    [{counter, N}] = ets:lookup(t, counter),
    true = is_integer(N),
    ets:insert(t, {{X, I}, binary:copy(<<"a">>, 100)}),
    I rem 3 =:= 0 andalso ets:delete(t, {X, I - 1}).

read(T, O) ->
    ets:foldl(fun(_, A) -> A + 1 end, 0, T),
    L = ets:select(O, [{{{1, '$1'}, '_'}, [], ['$1']}]),
    true = L =:= lists:seq(1, length(L)),
    ets:tab2list(O),
    read(T, O).

%% Tables that go while others use them.
vanishing() ->
    Users = [spawn(fun use/0) || _ <- [1, 2, 3]],
    [begin
         ets:new(gone, [named_table, public, ordered_set]),
         [ets:insert(gone, {I, self()}) || I <- lists:seq(1, 50)],
         ets:delete(gone)
     end || _ <- lists:seq(1, 500)],
    [exit(User, kill) || User <- Users],
    p(ets:info(gone)).

use() ->
    [try F() catch error:badarg -> ok end || F <- [fun() -> ets:insert(gone, {self(), 1}) end, fun() -> ets:lookup(gone, self()) end,
                                                   fun() -> ets:select(gone, [{'$1', [], ['$1']}]) end, fun() -> ets:info(gone) end]],
    use().

p(X) -> io:format("~p~n", [X]).
