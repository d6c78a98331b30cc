%% Tables are made, found by name, written by many, renamed, fixed, given away, inherited and deleted, all at the same time.
-module(tables_and_owners).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    Tables = ets:all(),
    deleted_under_way(),
    named(),
    heirs(),
    counters(),
    fixed(),
    io:format("~w~n", [ets:all() -- Tables]).

options() ->
    [[Type, public | More] || Type <- [set, ordered_set, bag, duplicate_bag],
                              More <- [[], [{write_concurrency, true}], [{read_concurrency, true}, {write_concurrency, auto}], [{decentralized_counters, true}, {write_concurrency, true}]]].

%% Writers and readers find their table gone in the middle.
deleted_under_way() ->
    io:format("~w~n", [[deleted(O) || O <- options()]]).

deleted(Options) ->
    T = ets:new(t, Options),
    Refs = [element(2, spawn_monitor(fun() -> use(T, W, 0) end)) || W <- lists:seq(1, 6)],
    receive after 4 -> ok end,
    true = ets:delete(T),
    undefined = ets:info(T),
    lists:usort([receive {'DOWN', R, _, _, Why} -> Why end || R <- Refs]).

use(T, W, N) ->
    try
        ets:insert(T, {{W, N rem 50}, N, <<N:700>>, [N]}),
        ets:lookup(T, {W, (N + 1) rem 50}),
        N rem 30 =:= 29 andalso receive after 1 -> ok end,
        case N rem 12 of
            0 -> ets:tab2list(T);
            1 -> ets:match_object(T, {{W, '_'}, '_', '_', '$1'});
            2 -> ets:select_delete(T, [{{{'_', '$1'}, '_', '_', '_'}, [{'<', '$1', 10}], [true]}]);
            3 -> ets:delete_all_objects(T);
            4 -> ets:foldl(fun(_, A) -> A + 1 end, 0, T);
            5 -> ets:insert(T, [{{W, I}, I, <<>>, x} || I <- lists:seq(1, 20)]);
            6 -> ets:take(T, {W, N rem 50});
            7 -> ets:info(T), ets:info(T, memory);
            8 -> ets:next(T, ets:first(T));
            9 -> ets:setopts(T, {protection, public});
            10 -> ets:insert_new(T, [{{W, I}, I, I, I} || I <- [60, 61]]);
            11 -> ets:last(T)
        end,
        use(T, W, N + 1)
    catch error:badarg ->
        %% A key may go while somebody walks; otherwise the table has gone.
        case ets:info(T, size) of
            undefined -> exit(gone);
            _ -> use(T, W, N + 1)
        end
    end.

%% A public table is there for others from the moment its name is; they may delete it at once.
named() ->
    Makers = [spawn_monitor(fun() -> make(W, 150) end) || W <- lists:seq(1, 4)],
    Breakers = [spawn_link(fun() -> break_tables(W) end) || W <- lists:seq(1, 3)],
    io:format("~w~n", [lists:usort([receive {'DOWN', R, _, _, Why} -> Why end || {_, R} <- Makers])]),
    [begin exit(B, kill), receive {'EXIT', B, Why} -> io:format("~w ", [Why]) end end || B <- Breakers],
    io:format("~w~n", [[ets:whereis(N) || N <- names()]]).

names() -> [races_a, races_b, races_c].

make(_, 0) -> ok;
make(W, N) ->
    Name = lists:nth(1 + (W + N) rem 3, names()),
    catch ets:new(Name, [named_table, public, {heir, self(), lists:seq(1, N)}]),
    catch ets:insert(Name, {N, W}),
    N rem 4 =:= 0 andalso (catch ets:rename(Name, lists:nth(1 + N rem 3, names()))),
    N rem 5 =:= 0 andalso (catch ets:delete(Name)),
    N rem 7 =:= 0 andalso (catch ets:setopts(Name, {heir, none})),
    make(W, N - 1).

break_tables(W) ->
    [begin
         catch ets:insert(Name, {W, W}),
         catch ets:info(Name),
         catch ets:tab2list(Name),
         ets:whereis(Name),
         catch ets:delete(Name)
     end || Name <- names()],
    ets:all(),
    break_tables(W).

%% Heirs that die before, with and after the owner.
heirs() ->
    Me = self(),
    Last = spawn_link(fun() -> last_heir(Me, []) end),
    All = [begin
               Heir = spawn(fun() -> receive {'ETS-TRANSFER', T, _, {data, X, Next}} -> ets:setopts(T, {heir, Next, {data, X}}) end end),
               {Owner, R} = spawn_monitor(fun() ->
                                              T = ets:new(t, [public]),
                                              ets:insert(T, {key, I}),
                                              ets:setopts(T, {heir, Heir, {data, I, Last}}),
                                              Helper = spawn(fun() -> catch ets:insert(T, {more, I}) end),
                                              receive stop -> Helper end
                                          end),
               I rem 3 =:= 0 andalso exit(Heir, kill),
               Owner ! stop,
               I rem 3 =:= 1 andalso exit(Heir, kill),
               {I, R}
           end || I <- lists:seq(1, 90)],
    [receive {'DOWN', R, _, _, normal} -> ok end || {_, R} <- All],
    receive after 100 -> ok end,
    Last ! {report, self()},
    Got = receive {inherited, L} -> L end,
    %% Every third had a living heir to the end; of the others none or some.
    Sure = [I || {I, _} <- All, I rem 3 =:= 2],
    io:format("~w ~w~n", [Sure -- Got, length(Got) =:= length(lists:usort(Got))]),
    unlink(Last),
    exit(Last, kill).

last_heir(Main, Got) ->
    receive
        {'ETS-TRANSFER', T, _, {data, X}} ->
            [{key, X}] = ets:lookup(T, key),
            Own = self(),
            Own = ets:info(T, owner),
            ets:delete(T),
            last_heir(Main, [X | Got]);
        {report, Main} -> Main ! {inherited, Got}, last_heir(Main, Got)
    end.

counters() ->
    io:format("~w~n", [[counted(O) || O <- options(), lists:member(hd(O), [set, ordered_set])]]).

counted(Options) ->
    T = ets:new(t, Options),
    Refs = [element(2, spawn_monitor(fun() ->
                [begin
                     ets:update_counter(T, K rem 3, {2, 1}, {K rem 3, 0, x}),
                     ets:update_counter(T, big, {2, 1 bsl 62}, {big, 0}),
                     ets:update_element(T, K rem 3, {3, {W, K}})
                 end || K <- lists:seq(1, 300)]
            end)) || W <- lists:seq(1, 4)],
    [receive {'DOWN', R, _, _, normal} -> ok end || R <- Refs],
    Sum = lists:sum([ets:lookup_element(T, K, 2) || K <- [0, 1, 2]]),
    Big = ets:lookup_element(T, big, 2) div (1 bsl 62),
    ets:delete(T),
    {Sum, Big}.

%% Walks by key over a fixed table meet whatever stays, however others write; who fixed it may die.
fixed() ->
    io:format("~w~n", [[walked(O) || O <- options()]]).

walked(Options) ->
    T = ets:new(t, Options),
    ets:insert(T, [{{stays, I}, I} || I <- lists:seq(1, 100)]),
    Writers = [spawn_link(fun() -> churn(T, W, 0) end) || W <- [1, 2, 3]],
    Dead = [spawn_monitor(fun() -> ets:safe_fixtable(T, true), ets:first(T), exit(fixed) end) || _ <- [1, 2, 3]],
    [receive {'DOWN', R, _, _, fixed} -> ok end || {_, R} <- Dead],
    Seen = [begin
                ets:safe_fixtable(T, true),
                Keys = walk(T, ets:first(T), []),
                ets:safe_fixtable(T, false),
                length(Keys)
            end || _ <- [1, 2, 3]],
    [begin exit(P, kill), receive {'EXIT', P, _} -> ok end end || P <- Writers],
    Fixed = wait_unfixed(T, 100),
    ets:delete(T),
    {Seen, Fixed}.

wait_unfixed(T, 0) -> ets:info(T, safe_fixed);
wait_unfixed(T, N) ->
    case ets:info(T, safe_fixed) of
        false -> false;
        _ -> receive after 5 -> wait_unfixed(T, N - 1) end
    end.

churn(T, W, 1000) -> receive never -> {T, W} end;
churn(T, W, N) ->
    ets:insert(T, {{W, N rem 40}, N}),
    ets:delete(T, {W, (N + 20) rem 40}),
    N rem 30 =:= 0 andalso ets:safe_fixtable(T, true),
    N rem 30 =:= 10 andalso ets:safe_fixtable(T, false),
    churn(T, W, N + 1).

walk(_, '$end_of_table', Keys) -> lists:usort(Keys);
walk(T, Key, Keys) ->
    walk(T, ets:next(T, Key), case Key of {stays, _} -> [Key | Keys]; _ -> Keys end).
