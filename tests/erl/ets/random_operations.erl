%% The same random operations on tables of every type: every answer must agree.
-module(random_operations).
-export([main/0]).

main() ->
    [begin
         put(seed, Seed),
         T = ets:new(t, [Type, public]),
         Hash = run(T, Type, 1500, 0),
         io:format("~p ~p ~p ~p ~p~n", [Type, Seed, Hash, ets:info(T, size), erlang:phash2(ets:tab2list(T))]),
         ets:delete(T)
     end || Type <- [set, ordered_set, bag, duplicate_bag], Seed <- lists:seq(1, 4)].

run(_, _, 0, Hash) -> Hash;
run(T, Type, N, Hash) -> run(T, Type, N - 1, erlang:phash2({Hash, operation(random(24), T, Type)})).

random(N) ->
    Seed = (get(seed) * 6364136223846793005 + 1442695040888963407) band 16#ffffffffffffffff,
    put(seed, Seed),
    (Seed bsr 33) rem N.

key() -> key(random(6)).

key(0) -> random(30);
key(1) -> random(30) * 1.0;
key(2) -> {random(5), random(5)};
key(3) -> [random(3), random(3)];
key(4) -> lists:nth(random(5) + 1, [a, b, c, d, e]);
key(5) -> {[random(3)], <<(random(3))>>}.  % an atom within a key would make the order another one

value() -> value(random(5)).

value(0) -> random(1000);
value(1) -> (1 bsl 70) + random(100);
value(2) -> "abc";
value(3) -> #{random(3) => random(3)};
value(4) -> binary:copy(<<"z">>, random(100)).

object() -> object(random(4)).

object(0) -> {key(), value()};
object(1) -> {key(), random(10)};
object(2) -> {key(), random(10), value()};
object(3) -> {key(), random(10)}.

operation(N, T, _) when N < 3 -> ets:insert(T, object());
operation(3, T, _) -> ets:insert(T, [object() || _ <- lists:seq(1, random(4))]);
operation(4, T, _) -> ets:insert_new(T, object());
operation(5, T, _) -> ets:lookup(T, key());
operation(6, T, _) -> ets:delete(T, key());
operation(7, T, _) -> ets:take(T, key());
operation(8, T, _) -> ets:member(T, key());
operation(9, T, _) -> safe(fun() -> ets:update_counter(T, key(), {2, random(5)}) end);
operation(10, T, _) -> safe(fun() -> ets:update_element(T, key(), {2, value()}) end);
operation(11, T, _) -> ets:delete_object(T, object());
operation(12, T, _) -> ets:select(T, [{{'$1', '$2'}, [{'<', '$2', 5}], [{{'$2', '$1'}}]}]);
operation(13, T, _) -> K = key(), ets:select(T, [{{K, '$2'}, [], ['$2']}, {{K, '_', '$1'}, [], [{{'$1', x}}]}]);
operation(14, T, _) -> ets:select_count(T, [{{'_', '$1'}, [{is_integer, '$1'}, {'>', '$1', 3}], [true]}]);
operation(15, T, _) -> ets:select_delete(T, [{{'_', '$1'}, [{'==', '$1', random(10)}], [true]}]);
operation(16, _, bag) -> not_for_bags;
operation(16, T, _) -> ets:select_replace(T, [{{'$1', random(10)}, [], [{{'$1', random(10)}}]}]);
operation(17, T, _) -> ets:match(T, {'$1', random(10)});
operation(18, T, _) -> ets:match_object(T, {{random(5), '_'}, '_'});
operation(19, T, _) -> chunks(ets:select(T, [{'$1', [], ['$1']}], 1 + random(7)));
operation(20, T, _) -> ets:match_object(T, {[random(3) | '_'], '_'});
operation(21, T, ordered_set) -> {walk(T, ets:first(T), next), walk(T, ets:last(T), prev)};
operation(21, T, _) ->
    ets:safe_fixtable(T, true),
    Keys = walk(T, ets:first(T), next),
    ets:safe_fixtable(T, false),
    Keys;
operation(22, T, _) -> safe(fun() -> ets:lookup_element(T, key(), 2) end);
operation(23, T, _) -> ets:select(T, [{{key(), '$1'}, [], ['$1']}, {{key(), '$1'}, [], ['$1']}, {{key(), '$1'}, [], ['$1']}]).

safe(F) -> try F() catch Class:Reason -> {Class, Reason} end.

chunks('$end_of_table') -> [];
chunks({L, Continuation}) -> L ++ chunks(ets:select(Continuation)).

walk(_, '$end_of_table', _) -> [];
walk(T, Key, Step) -> [Key | walk(T, ets:Step(T, Key), Step)].
