%% Persistent terms that are replaced and erased while processes still use them: heaps, messages, dictionaries, tables and timers keep
%% what they have; what nobody uses any more does not pile up.
-module(replaced_terms).
-export([main/0]).

main() ->
    Me = self(),
    Keepers = [spawn_link(fun() -> keeper(Me, I) end) || I <- lists:seq(1, 20)],
    [receive {ready, K} -> ok end || K <- Keepers],
    [begin put_terms(Round), [K ! {look, Round} || K <- Keepers], [receive {looked, K} -> ok end || K <- Keepers] end || Round <- lists:seq(1, 30)],
    [persistent_term:erase({?MODULE, I}) || I <- lists:seq(1, 20)],
    [K ! {tell, Me} || K <- Keepers],
    io:format("~p~n", [[receive {told, K, Answer} -> Answer end || K <- Keepers]]),
    io:format("~p~n", [[persistent_term:get({?MODULE, I}, none) || I <- [1, 20]]]),
    much(),
    io:format("~p~n", [persistent_term:info() =:= persistent_term:info()]),
    small().

put_terms(Round) -> [persistent_term:put({?MODULE, I}, value(Round, I)) || I <- lists:seq(1, 20)].

value(Round, I) -> {Round, lists:seq(I, I + 50), #{round => Round, <<"key">> => binary:copy(<<I>>, 100)}, fun(X) -> {X, Round, I} end}.

%% Keeps some of what it sees in each place where a term can be.
keeper(Owner, I) ->
    Table = ets:new(kept, []),
    Owner ! {ready, self()},
    keeper(Owner, I, Table, []).

keeper(Owner, I, Table, Heap) ->
    receive
        {look, Round} ->
            Term = {Round, List, Map, Fun} = persistent_term:get({?MODULE, I}),
            ets:insert(Table, {Round, Term}),
            put({kept, Round}, Map),
            self() ! {later, Round, List},
            Timer = erlang:start_timer(100000000, self(), Term),
            Owner ! {looked, self()},
            keeper(Owner, I, Table, [{Round, Fun, Timer, Term} | Heap]);
        {tell, Asker} ->
            Kept = [check(Entry, I, Table) || Entry <- Heap],
            Asker ! {told, self(), {length(Kept), lists:usort(Kept)}}
    end.

check({Round, Fun, Timer, Term}, I, Table) ->
    erlang:cancel_timer(Timer),
    List = receive {later, Round, L} -> L end,
    [{Round, InTable}] = ets:lookup(Table, Round),
    {R0, L0, M0, _} = value(Round, I),
    {Round, L1, M1, _} = Term,
    [R0 =:= Round, L1 =:= L0, M1 =:= M0, List =:= L0, get({kept, Round}) =:= M0, element(2, InTable) =:= L0, Fun(x) =:= {x, Round, I}].

%% In all more than there is room for literals.
much() ->
    Big = lists:seq(1, 200000),
    [begin persistent_term:put({?MODULE, much}, {N, Big}), settle() end || N <- lists:seq(1, 400)],
    {400, Big} = persistent_term:get({?MODULE, much}),
    true = persistent_term:erase({?MODULE, much}),
    false = persistent_term:erase({?MODULE, much}).

%% Time for whoever collects.
settle() -> timer:sleep(5).

%% Numbers and atoms.
small() ->
    Reader = spawn_link(fun() -> reader() end),
    [persistent_term:put({?MODULE, small}, N) || N <- lists:seq(1, 20000)],
    [begin persistent_term:put(N, N), persistent_term:erase(N) end || N <- lists:seq(1, 20000)],
    io:format("~p~n", [persistent_term:get({?MODULE, small})]),
    unlink(Reader),
    exit(Reader, kill),
    persistent_term:erase({?MODULE, small}).

reader() ->
    N = persistent_term:get({?MODULE, small}, 0),
    true = is_integer(N),
    true = is_list(persistent_term:get()),
    reader().
