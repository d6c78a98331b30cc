%% What ETS functions refuse, and the cause that they give.
-module(errors).
-export([main/0]).

main() ->
    T = ets:new(a, []),
    Deleted = ets:new(p, [private]),
    ets:delete(Deleted),
    O = ets:new(o, [ordered_set]),
    B = ets:new(b, [bag]),
    Self = self(),
    spawn(fun() -> Self ! {ets:new(x, [private]), ets:new(y, [protected]), ets:new(z, [public])}, receive stop -> ok end end),
    {Private, Protected, Public} = receive Tables -> Tables end,
    ets:insert(T, {k, 1, 2.0, foo}),
    ets:new(nm, [named_table]),
    ets:new(nm2, [named_table]),
    Dead = list_to_pid("<0.9999.0>"),
    [p(Name, F) || {Name, F} <-
        [{insert, fun() -> ets:insert(T, Object) end} || Object <- [foo, {}, [{a} | b], [{a}, b], []]] ++
        [{insert_new, fun() -> ets:insert_new(T, Object) end} || Object <- [foo, {}, [{a} | b], [{a}, b], []]] ++
        [{insert_at, fun() -> ets:insert(Tab, Object) end} || Tab <- [Deleted, Private, Protected, nosuch, 12, make_ref()], Object <- [a, {a}]] ++
        [{lookup, fun() -> ets:lookup(Tab, a) end} || Tab <- [Deleted, Private, Protected, nosuch, 12, make_ref()]] ++
        [{new, fun() -> ets:new(Tab, Options), ok end} || {Tab, Options} <-
            [{12, []}, {a, [foo]}, {a, foo}, {a, [set | foo]}, {a, [{keypos, 0}]}, {a, [{keypos, a}]}, {a, [{heir, foo, 1}]},
             {a, [{heir, none}]}, {a, [{heir, Dead, 1}]}, {a, [{heir, self(), 1}]}, {nm, [named_table]},
             {a, [{read_concurrency, 1}]}, {a, [{write_concurrency, 1}]}, {a, [{decentralized_counters, 1}]}]] ++
        [{rename, fun() -> ets:rename(Tab, Name), ok end} || {Tab, Name} <- [{nm, 12}, {T, zz}, {Protected, zz}, {nm2, nm}, {nm2, nm2}]] ++
        [{lookup_element, fun() -> ets:lookup_element(T, Key, Pos) end} || Key <- [zork, k], Pos <- [1, 0, 5, x]] ++
        [{update_counter, fun() -> ets:update_counter(T, Key, Op) end} ||
            {Key, Op} <- [{zork, 1}, {k, {3, 1}}, {k, {2, 1.0}}, {k, foo}, {k, {1, 1}}, {k, {9, 1}}, {k, {0, 1}}, {k, {x, 1}}, {k, [{2, 1} | x]},
                          {k, [{2, 1}, {2, 2, 10, 0}, {2, 1}]}, {k, [{2, 1}, {2, 1, x, 0}]}, {k, []}]] ++
        [{update_counter_bag, fun() -> ets:update_counter(B, k, 1) end}] ++
        [{update_counter_default, fun() -> ets:update_counter(T, Key, Op, Default) end} ||
            {Key, Op, Default} <- [{new, {2, 5}, {x, 10}}, {new2, {2, 5}, foo}, {new2, {5, 5}, {a, 1}}, {new2, {2, 5}, {a, b}}, {k, {2, 5}, foo}]] ++
        [{update_element, fun() -> ets:update_element(T, Key, Op) end} ||
            {Key, Op} <- [{zork, {2, 1}}, {k, {1, 1}}, {k, {9, 1}}, {k, {x, 1}}, {k, x}, {k, []}, {nokey, []}, {nokey, {0, 1}}, {nokey, {1, 1}},
                          {k, [{2, 1} | x]}]] ++
        [{update_element_bag, fun() -> ets:update_element(B, k, {2, 1}) end}] ++
        [{F, fun() -> ets:F(Tab, nokey) end} || F <- [next, prev], Tab <- [T, O]] ++
        [{give_away, fun() -> ets:give_away(Tab, Pid, x) end} || {Tab, Pid} <- [{T, self()}, {T, foo}, {T, Dead}, {Protected, self()}, {Public, self()}]] ++
        [{setopts, fun() -> ets:setopts(Tab, Options) end} ||
            {Tab, Options} <- [{T, foo}, {T, [{heir, none}]}, {T, {protection, private}}, {T, {protection, foo}}, {T, []}, {Protected, []},
                               {T, [{protection, public}, {protection, private}]}, {T, [{heir, none} | x]}]] ++
        [{safe_fixtable, fun() -> ets:safe_fixtable(Tab, What) end} || {Tab, What} <- [{T, foo}, {Private, true}, {Deleted, true}, {T, false}]] ++
        [{slot, fun() -> ets:slot(Tab, I) end} || {Tab, I} <- [{T, foo}, {T, -1}, {O, 0}, {O, 1}]] ++
        [{info, fun() -> ets:info(Tab, Item) end} || {Tab, Item} <- [{T, foo}, {Deleted, size}, {12, size}, {nosuch, size}, {make_ref(), size}, {Private, size}]] ++
        [{info, fun() -> ets:info(Tab) end} || Tab <- [Deleted, 12, nosuch, make_ref()]] ++
        [{whereis, fun() -> ets:whereis(Tab) end} || Tab <- [12, T, nosuch, Deleted]] ++
        [{select, fun() -> ets:select(T, Spec) end} || Spec <- [foo, [], [{foo}], [{'$1', [], ['$2']}], [{'$1', foo, ['$1']}]]] ++
        [{select, fun() -> ets:select(Tab, [{'$1', [], [x]}], N) end} || {Tab, N} <- [{T, 0}, {T, a}, {Deleted, 0}, {B, 1}]] ++
        [{select, fun() -> ets:F(C) end} || F <- [select, match, match_object, select_reverse], C <- [foo, '$end_of_table', {T, 1, 2, 3, [], 0}]] ++
        [{match, fun() -> ets:match(T, P) end} || P <- [{'$1', '$3', '$2', '_'}, '_', foo, {}, 1]] ++
        [{select_replace, fun() -> ets:select_replace(Tab, Spec) end} ||
            {Tab, Spec} <- [{T, [{'$1', [], ['$2']}]}, {B, [{{'$1', '$2'}, [], [{{'$1', '$2'}}]}]}, {T, [{{'$1', '$2'}, [], [{{'$2', '$1'}}]}]}]] ++
        [{select_delete, fun() -> ets:select_delete(T, [{{'$1', '$2'}, foo, [{{'$2', '$1'}}]}]) end}] ++
        [{delete_object, fun() -> ets:delete_object(Tab, Object) end} || {Tab, Object} <- [{T, foo}, {T, {}}, {Protected, {a}}, {Public, {a}}]] ++
        [{delete, fun() -> ets:delete(Tab) end} || Tab <- [Protected, Deleted, nosuch, 12]] ++
        [{member, fun() -> ets:member(nosuch, a) end}, {take, fun() -> ets:take(Protected, a) end}] ++
        [{match_spec_run, fun() -> ets:match_spec_run_r([], foo, []) end}, {match_spec_compile, fun() -> ets:match_spec_compile(foo) end},
         {is_compiled_ms, fun() -> ets:is_compiled_ms(foo) end}, {delete_all, fun() -> ets:internal_delete_all(T, undefined) end},
         {keypos, fun() -> ets:insert(ets:new(k, [{keypos, 3}]), {a, b}) end},
         {delete_public, fun() -> ets:delete(Public) end}]].

p(Name, F) ->
    io:format("~s ~p~n", [Name, try F() of R -> R catch Class:Reason:Stack ->
        [{M, Function, As, Info} | _] = Stack,
        {Class, Reason, M, Function, length(As), proplists:get_value(error_info, Info)} end]).
