%% Maps in the keys of patterns: a key without variables is looked up, so that its maps match only themselves there.
-module(map_keys).
-export([main/0]).

main() ->
    Big = maps:from_list([{I, I} || I <- lists:seq(1, 50)]),
    Keys = [#{}, #{a => 1}, #{a => 1, b => 2}, #{a => 2}, #{a => #{}}, #{a => #{c => 1}}, {x, #{}}, {x, #{a => 1}}, {x, #{a => 1, b => 2}}, {x, #{a => 3}}, [#{a => 1}], [#{a => 1, b => 1}],
            Big, Big#{51 => 51}, {#{a => 1}, 1}, {#{a => 1}, 2}, {#{a => 1, c => 1}, 1}, {#{}, 1}, {#{a => {1, 2}}, 1}, {1, 2}, a, 1.0],
    Patterns = [#{}, #{a => 1}, #{a => '$1'}, #{a => '_'}, #{a => 1, b => '_'}, #{a => #{}}, #{a => #{c => '_'}}, {x, #{}}, {x, #{a => 1}}, {x, #{a => '$1'}}, {'_', #{a => 1}}, [#{a => 1}], [#{a => '_'}],
                Big, Big#{50 => '_'}, maps:remove(1, Big), {#{a => 1}, '_'}, {#{a => 1}, '$1'}, {#{}, '$1'}, {#{a => '_'}, 1}, {#{a => {1, '_'}}, '_'}, {#{a => {1, 2}}, '_'}, '_', '$1'],
    [begin
         T = ets:new(t, [Type]),
         ets:insert(T, [{K, I} || {K, I} <- lists:zip(Keys, lists:seq(1, length(Keys)))]),
         [begin
              R = lists:sort(ets:select(T, [{{P, '$9'}, [], ['$9']}])),
              io:format("~w ~0p ~w ~w ~w ~w ~w~n", [Type, if map_size(P) > 40 -> big; true -> P end, R, lists:sort(ets:match(T, {P, '$9'})) =:= [[X] || X <- R], ets:select_count(T, [{{P, '_'}, [], [true]}]),
                                                lists:sort(chunks(ets:select(T, [{{P, '$9'}, [], ['$9']}], 2))),
                                                lists:sort(ets:select(T, [{{P, '$9'}, [], ['$9']}, {{a, '$9'}, [], ['$9']}]))])
          end || P <- Patterns],
         ets:delete(T)
     end || Type <- [set, ordered_set, duplicate_bag]].

chunks('$end_of_table') -> [];
chunks({L, C}) -> L ++ chunks(ets:select(C)).
