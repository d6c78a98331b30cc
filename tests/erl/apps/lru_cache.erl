%% A cache of bounded size which forgets what was used the longest ago: a map and a gb_tree by time of use.
-module(lru_cache).
-export([main/0]).

-record(lru, {size, clock = 0, values = #{}, ages = gb_trees:empty(), hits = 0, misses = 0}).

main() ->
    C0 = #lru{size = 3},
    C1 = lists:foldl(fun({K, V}, C) -> put_in(K, V, C) end, C0, [{a, 1}, {b, 2}, {c, 3}]),
    show(C1),
    {{ok, 1}, C2} = get_from(a, C1),
    C3 = put_in(d, 4, C2),
    show(C3),
    {error, C4} = get_from(b, C3),
    C5 = put_in(c, 33, C4),
    C6 = put_in(e, 5, C5),
    show(C6),
    io:format("~p~n", [C6#lru{ages = gb_trees:to_list(C6#lru.ages)}]),
    %% A long run with a seeded generator: the numbers of hits are those of the reference.
    R0 = rand:seed_s(exsss, {1, 2, 3}),
    {Big, _} = lists:foldl(fun(_, {C, R}) -> access(C, R) end, {#lru{size = 50}, R0}, lists:seq(1, 5000)),
    io:format("hits ~p, misses ~p, kept ~p~n", [Big#lru.hits, Big#lru.misses, maps:size(Big#lru.values)]),
    io:format("~w~n", [lists:sort(maps:keys(Big#lru.values))]),
    io:format("~p~n", [catch put_in(x, 1, C0#lru{size = 0})]).

%% Small numbers are asked for more often.
access(C, R0) ->
    {A, R1} = rand:uniform_s(100, R0),
    {B, R2} = rand:uniform_s(100, R1),
    Key = A * B div 100,
    case get_from(Key, C) of
        {{ok, V}, C1} when V =:= Key * Key -> {C1, R2};
        {error, C1} -> {put_in(Key, Key * Key, C1), R2}
    end.

get_from(Key, #lru{values = Values, hits = H, misses = M} = C) ->
    case Values of
        #{Key := {Value, _}} -> {{ok, Value}, touch(Key, Value, C#lru{hits = H + 1})};
        #{} -> {error, C#lru{misses = M + 1}}
    end.

put_in(_, _, #lru{size = 0}) -> error(no_room);
put_in(Key, Value, #lru{values = Values, size = Size} = C) when is_map_key(Key, Values); map_size(Values) < Size ->
    touch(Key, Value, C);
put_in(Key, Value, #lru{values = Values, ages = Ages} = C) ->
    {_, Oldest, Rest} = gb_trees:take_smallest(Ages),
    touch(Key, Value, C#lru{values = maps:remove(Oldest, Values), ages = Rest}).

touch(Key, Value, #lru{clock = Now, values = Values, ages = Ages} = C) ->
    Without = case Values of
                  #{Key := {_, Then}} -> gb_trees:delete(Then, Ages);
                  #{} -> Ages
              end,
    C#lru{clock = Now + 1, values = Values#{Key => {Value, Now}}, ages = gb_trees:insert(Now, Key, Without)}.

show(#lru{values = Values, ages = Ages}) ->
    io:format("~p, oldest first ~p~n", [maps:map(fun(_, {V, _}) -> V end, Values), gb_trees:values(Ages)]).
