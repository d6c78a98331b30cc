%% Event sourcing: commands are checked against state and give events; state is a fold over events; snapshots; projections.
-module(event_sourcing).
-export([main/0]).

main() ->
    Commands = [{create, "cart-1"}, {add, "cart-1", apple, 3}, {add, "cart-1", pear, 2}, {remove, "cart-1", apple, 1},
                {remove, "cart-1", plum, 1}, {create, "cart-1"}, {create, "cart-2"}, {add, "cart-2", plum, 10},
                {check_out, "cart-1"}, {add, "cart-1", plum, 1}, {check_out, "cart-3"}, {add, "cart-2", apple, 0}],
    {Store, Outcomes} = lists:foldl(fun execute/2, {[], []}, Commands),
    [io:format("~-32ts ~p~n", [io_lib:format("~p", [C]), O]) || {C, O} <- lists:zip(Commands, lists:reverse(Outcomes))],
    Events = lists:reverse(Store),
    io:format("~p events~n~p~n", [length(Events), state(Events)]),
    io:format("~p~n", [stock(Events)]),
    %% The state from a snapshot and the later events is the state from all events.
    [begin
         {Early, Late} = lists:split(N, Events),
         Snapshot = binary_to_term(term_to_binary(state(Early))),
         true = lists:foldl(fun apply_event/2, Snapshot, Late) =:= state(Events)
     end || N <- lists:seq(0, length(Events))],
    Upgraded = [upgrade(E) || E <- Events],
    io:format("~p~n", [[E || {V, E} <- Upgraded, V =:= 2]]),
    Groups = lists:foldr(fun(E, Acc) -> maps:update_with(element(2, E), fun(L) -> [element(1, E) | L] end, [element(1, E)], Acc) end,
                         #{}, Events),
    io:format("~p~n", [Groups]).

execute(Command, {Store, Outcomes}) ->
    case decide(Command, state(lists:reverse(Store))) of
        {ok, Events} -> {lists:reverse(Events) ++ Store, [{ok, length(Events)} | Outcomes]};
        {error, Why} -> {Store, [Why | Outcomes]}
    end.

decide({create, Id}, State) when is_map_key(Id, State) -> {error, {exists, Id}};
decide({create, Id}, _) -> {ok, [{created, Id}]};
decide(Command, State) ->
    case State of
        #{element(2, Command) := Cart} -> decide_in(Command, Cart);
        #{} -> {error, {no_such, element(2, Command)}}
    end.

decide_in(_, #{state := closed}) -> {error, closed};
decide_in({add, Id, Item, N}, _) when N > 0 -> {ok, [{added, Id, Item, N}]};
decide_in({add, _, _, N}, _) -> {error, {bad_count, N}};
decide_in({remove, Id, Item, N}, #{items := Items}) ->
    case Items of
        #{Item := M} when M >= N -> {ok, [{removed, Id, Item, N}]};
        _ -> {error, {not_there, Item}}
    end;
decide_in({check_out, Id}, #{items := Items}) ->
    {ok, [{reserved, Id, Item, N} || {Item, N} <- lists:sort(maps:to_list(Items))] ++ [{closed, Id}]}.

state(Events) -> lists:foldl(fun apply_event/2, #{}, Events).

apply_event({created, Id}, S) -> S#{Id => #{state => open, items => #{}}};
apply_event({added, Id, Item, N}, S) ->
    maps:update_with(Id, fun(#{items := I} = C) -> C#{items := maps:update_with(Item, fun(M) -> M + N end, N, I)} end, S);
apply_event({removed, Id, Item, N}, S) -> apply_event({added, Id, Item, -N}, S);
apply_event({reserved, _, _, _}, S) -> S;
apply_event({closed, Id}, S) -> maps:update_with(Id, fun(C) -> C#{state => closed} end, S).

stock(Events) ->
    lists:foldl(fun({reserved, _, Item, N}, A) -> orddict:update_counter(Item, N, A);
                   (_, A) -> A
                end, orddict:new(), Events).

upgrade({added, Id, Item, N}) -> {2, {added, #{id => Id, item => Item, count => N}}};
upgrade(E) -> {1, E}.
