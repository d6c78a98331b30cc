%% Which of several wrong arguments an error is about, for tables of all types, of others, and none.
-module(order_of_checks).
-export([main/0]).
main() ->
    Me = self(),
    T = ets:new(a, [public]), B = ets:new(b, [bag, public]), O = ets:new(o, [ordered_set,public]), K = ets:new(k, [{keypos,2},public]),
    P = ets:new(p, [private]),
    Other = spawn(fun() -> Me ! {ets:new(z, [public]), ets:new(y,[private])}, receive stop -> ok end end),
    {Public,Priv} = receive X -> X end,
    {Dead, Monitor} = spawn_monitor(fun() -> ok end), receive {'DOWN', Monitor, _, _, _} -> ok end,
    [ets:insert(X, {k, 1, 2}) || X <- [T, B, O, Public]], ets:insert(K, {1, k, 2}),
    Tabs = [{t,T},{b,B},{o,O},{kk,K},{pub,Public},{priv,Priv},{p,P},{nosuch,nosuch},{12,12}],
    Z = fun(N, F) -> io:format("~0p ~0p~n", [N, try F() of R when is_reference(R) -> ref; {L, Cont} when is_tuple(Cont) -> {L, tuple_size(Cont)}; R -> R catch C:E:St -> [{M,Fn,As,I}|_] = St, {C,E,M,Fn,length(As),proplists:get_value(error_info,I)} end]) end,
    [Z({give_away, N, W}, fun() -> ets:give_away(Tab, Pid, x) end) || {N, Tab} <- Tabs, {W, Pid} <- [{other,Other},{dead,Dead},{foo,foo},{self,self()}], {N,W} =/= {t,other},{N,W} =/= {b,other},{N,W} =/= {o,other},{N,W} =/= {kk,other},{N,W} =/= {p,other}],
    [Z({setopts, N, Op}, fun() -> ets:setopts(Tab, Op) end) || {N, Tab} <- Tabs, Op <- [[], {heir,none}, [{heir,none}], [{protection,public}], foo, [{heir,none},{heir,none}], [[]], {}]],
    [Z({uc, N, Op}, fun() -> ets:update_counter(Tab, k, Op) end) || {N, Tab} <- Tabs, Op <- [[{3,1}|foo], [{2,1},{3,1}], [{1,1}|x], {3,1,2,3}, {3,1,2,a}, {3,1,a,3}, {3,1,2.0,3}, {1,x}, {9,x}, {9,1,2,x}, {3,-1,0,5}, {3,0,0,5}, {3,0,1,5}, {3,1 bsl 64,0,5}, [[]], {}, {3}, {3,1,1}, 1.0]],
    [Z({ucd, N, Op, D}, fun() -> ets:update_counter(Tab, Key, Op, D) end) || {N, Tab} <- Tabs, Key <- [nokey, k], {Op, D} <- [{{3,1},{a,2}}, {{3,1},{a,b,c}}, {{3,1},{a,b,3}}, {[], {a,b,3}}, {[{3,1}|x], {a,b,c}}, {{1,1},{1,2,3}}, {{2,1},{1,2,3}}, {foo,{1,2,3}}, {{3,1}, foo}, {{3,x}, foo}]],
    [Z({ue, N, Key, Op}, fun() -> ets:update_element(Tab, Key, Op) end) || {N, Tab} <- Tabs, Key <- [k, zork], Op <- [{3,x}, [{3,y}|foo], [{1,x}|foo], [{2,x}|foo], [{1,x},{2,x}], [{9,x},{1,x}], [foo,{1,x}], {3}, {}, {3,a,b}, {1.0,x}]],
    [Z({F, N, Sp}, fun() -> ets:F(Tab, Sp) end) || F <- [select,select_count,select_delete,select_replace,select_reverse], {N, Tab} <- Tabs, Sp <- [[], foo, [[]], [{}], {}, [{'$1',[],['$1']}|x], [{{'$1'},[],['$_']}]]],
    [Z({F, N, Sp}, fun() -> ets:F(Tab, Sp, 1) end) || F <- [select,select_reverse,match_object], {N, Tab} <- Tabs, Sp <- [[], foo, [[]], [{}], {}, '_', '$1', {'$1','_','$3'}, 1.0, <<>>]],
    [Z({F, N, Pt}, fun() -> ets:F(Tab, Pt) end) || F <- [match, match_object], {N, Tab} <- Tabs, Pt <- [[], '$a', {'$1', '$1'}, {'$3', '$1', '$2'}, {'_','_','_'}, '$1', {'$_', '_', '_'}, {'$$','_','_'}, {k}, foo, #{}]],
    [Z({info, N, I}, fun() -> ets:info(Tab, I) end) || {N, Tab} <- Tabs, I <- [foo, 12, fixed, safe_fixed, safe_fixed_monotonic_time, stats_, node, heir, name, keypos, type, protection, named_table, compressed, decentralized_counters, read_concurrency, write_concurrency, size, hash, buckets]],
    [Z({F, N}, fun() -> ets:F(Tab) end) || F <- [first, last, tab2list, whereis, select], {N, Tab} <- Tabs],
    [Z({F, N, Key}, fun() -> ets:F(Tab, Key) end) || F <- [next, prev, lookup, member, take], {N, Tab} <- Tabs, Key <- [k, 1, a, 0, 5000]],
    [Z({F, N, Key}, fun() -> ets:F(Tab, Key, 2) end) || F <- [lookup_element], {N, Tab} <- Tabs, Key <- [k, 1, a, 0, 5000]],
    [Z({F, N, Ob}, fun() -> ets:F(Tab, Ob) end) || F <- [insert, insert_new], {N, Tab} <- Tabs, Ob <- [{}, {a}, [], [{a},{}], {a,b}, [{a,b},{c}], [[]], foo, [foo|{a,b}]]],
    [Z({delete_object, N, Ob}, fun() -> ets:F(Tab, Ob) end) || F <- [delete_object], {N, Tab} <- Tabs, Ob <- [{}, {a}, [], {a,b}, {b,a}, foo]],
    [Z({new, A, Op}, fun() -> ets:new(A, Op), ok end) || A <- [a, 12], Op <- [[{keypos,1 bsl 30}], [{keypos,1 bsl 24}], [{keypos, 16777215}], [{keypos,1 bsl 70}], [{write_concurrency,auto}], [{write_concurrency,x}], [{heir,1}], [{heir,none,a}], [{heir,none}], [{decentralized_counters,x}], [compressed,compressed], [set,bag], [{type,set}], [{keypos,1,2}], [{set}], [public|private], [{named_table,true}]]],
    ok.
