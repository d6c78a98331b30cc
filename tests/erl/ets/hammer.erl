%% Many processes on one table: every kind of table and option, every operation; nothing may get lost.
-module(hammer).
-export([main/0]).

main() ->
    [hammer(Options) || Options <- [[set], [set, {write_concurrency, true}], [set, {read_concurrency, true}, {write_concurrency, auto}, {decentralized_counters, true}],
                                    [ordered_set], [ordered_set, {write_concurrency, true}], [bag, {write_concurrency, true}], [duplicate_bag]]],
    transfers(),
    names().

hammer(Options) ->
    T = ets:new(t, [public | Options]),
    IsBag = lists:member(hd(Options), [bag, duplicate_bag]),
    N = 150,
    IsBag orelse ets:insert(T, [{{counter, I}, 0} || I <- lists:seq(1, 5)]),
    Workers = [spawn_monitor(fun() -> work(T, W, IsBag, N) end) || W <- lists:seq(1, 6)],
    Readers = [spawn_monitor(fun() -> read(T, W) end) || W <- [1, 2]],
    [receive {'DOWN', R, _, _, Reason} -> Reason =:= normal orelse io:format("~p~n", [Reason]) end || {_, R} <- Workers],
    [begin exit(P, kill), receive {'DOWN', R, _, _, _} -> ok end end || {P, R} <- Readers],
    IsBag orelse io:format("~p ", [lists:sum([ets:lookup_element(T, {counter, I}, 2) || I <- lists:seq(1, 5)])]),
    io:format("~p ~p ~p~n", [Options, ets:info(T, size), lists:sort([W || {{done, W}, _} <- ets:tab2list(T)])]),
    io:format("~p ~p~n", [ets:info(T, safe_fixed), length(ets:tab2list(T))]),
    ets:delete(T).

work(T, W, IsBag, N) ->
    [begin
         IsBag orelse ets:update_counter(T, {counter, 1 + I rem 5}, 1),
         ets:insert(T, {{W, I}, lists:seq(1, I rem 7)}),
         [{{W, I}, _}] = ets:lookup(T, {W, I}),
         ets:insert(T, [{{W, x, I}, <<I:800>>}, {{W, y, I}, I}]),
         IsBag orelse ets:update_element(T, {W, I}, {2, I}),
         I rem 3 =:= 0 andalso ets:delete(T, {W, I - 1}),
         I rem 5 =:= 0 andalso ets:take(T, {W, x, I}),
         I rem 50 =:= 0 andalso ets:select_delete(T, [{{{W, y, '$1'}, '_'}, [{'<', '$1', I}], [true]}]),
         I rem 70 =:= 0 andalso begin ets:safe_fixtable(T, true), ets:first(T), ets:delete(T, {W, y, I}) end,
         I rem 90 =:= 0 andalso ets:safe_fixtable(T, false),
         I rem 60 =:= 0 andalso (IsBag orelse ets:select_replace(T, [{{{W, '$1'}, '_'}, [], [{{{{W, '$1'}}, replaced}}]}]))
     end || I <- lists:seq(1, N)],
    ets:select_delete(T, [{{{W, y, '_'}, '_'}, [], [true]}, {{{W, x, '_'}, '_'}, [], [true]}]),
    ets:insert(T, {{done, W}, true}).

read(T, W) ->
    ets:tab2list(T),
    ets:match(T, {{W, '$1'}, '_'}),
    ets:foldl(fun(_, A) -> A + 1 end, 0, T),
    ets:info(T, memory), ets:info(T, size), ets:info(T), ets:info(T, safe_fixed),
    ets:select_count(T, [{{{'_', '$1'}, '_'}, [{'>', '$1', 10}], [true]}]),
    (fun Chunks('$end_of_table') -> ok; Chunks({_, C}) -> Chunks(ets:select(C)) end)(ets:select(T, [{'$1', [], ['$1']}], 10)),
    read(T, W).

%% A table goes round a ring of processes, some of which die with it in their hands.
transfers() ->
    Me = self(),
    Tables = [begin
                  T = ets:new(t, [public, {heir, Me, I}]),
                  Holders = [spawn(fun() -> hold() end) || _ <- lists:seq(1, 10)],
                  ets:insert(T, {x, I}),
                  ets:give_away(T, hd(Holders), tl(Holders)),
                  T
              end || I <- lists:seq(1, 50)],
    Back = [receive {'ETS-TRANSFER', T, _, I} -> [{x, I}] = ets:lookup(T, x), Me = ets:info(T, owner), I end || T <- Tables],
    io:format("~p~n", [lists:sum(Back)]),
    [ets:delete(T) || T <- Tables].

hold() -> receive {'ETS-TRANSFER', T, _, Next} -> pass(T, Next) end.

pass(_, []) -> ok;
pass(T, [Next | Rest]) -> ets:give_away(T, Next, Rest).

%% One name for many.
names() ->
    Makers = [spawn_monitor(fun() -> make(200) end) || _ <- [1, 2, 3, 4]],
    [receive {'DOWN', R, _, _, Reason} -> Reason =:= normal orelse io:format("~p~n", [Reason]) end || {_, R} <- Makers],
    io:format("~p~n", [ets:whereis(shared_name)]).

make(0) -> ok;
make(N) ->
    try ets:new(shared_name, [named_table, public]) of
        shared_name ->
            ets:insert(shared_name, {self(), N}),
            [{_, N}] = ets:lookup(shared_name, self()),
            case N rem 3 of
                0 -> ets:delete(shared_name);
                1 -> ets:rename(shared_name, list_to_atom("n" ++ integer_to_list(N rem 7) ++ pid_to_list(self()))) , catch ets:delete(list_to_atom("n" ++ integer_to_list(N rem 7) ++ pid_to_list(self())));
                2 -> erlang:yield(), ets:delete(shared_name)
            end
    catch error:badarg -> ets:whereis(shared_name), catch ets:insert(shared_name, {self(), N}), catch ets:info(shared_name), erlang:yield()
    end,
    make(N - 1).
