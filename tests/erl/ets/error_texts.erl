%% The texts that erl_stdlib_errors makes of what ETS functions refuse.
-module(error_texts).
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
    Tabs = [T, Deleted, O, B, Private, Protected, Public, nosuch, 12, "str", make_ref()],
    Spec = [{'$1', [], ['$1']}], Bad = [{'$1', [], ['$2']}],
    Calls =
      [{F, [Tab]} || F <- [delete, first, last, whereis, tab2list, delete_all_objects, match, select, match_object, select_reverse, i_dont], Tab <- Tabs, {F, Tab} =/= {delete, Public}, not (F =:= delete andalso (Tab =:= T orelse Tab =:= O orelse Tab =:= B)), not (F =:= delete_all_objects andalso Tab =:= T)] ++
      [{F, [Tab, k]} || F <- [delete, delete_object, info, insert, insert_new, lookup, match, match_object, member, next, prev, rename, safe_fixtable, select, select_count, select_delete, select_replace, select_reverse, setopts, slot, take, match_delete, to_dets, from_dets, init_table], Tab <- Tabs] ++
      [{F, [Tab, {k}]} || F <- [delete_object, insert, insert_new, match, setopts, select], Tab <- Tabs, Tab =/= T] ++
      [{F, [Tab, [a]]} || F <- [insert, insert_new, select, setopts], Tab <- Tabs] ++
      [{F, [Tab, Spec]} || F <- [select, select_count, select_delete, select_replace, select_reverse], Tab <- [Private, Protected, Deleted, nosuch]] ++
      [{F, [Tab, Bad]} || F <- [select, select_count, select_delete, select_replace, select_reverse], Tab <- Tabs] ++
      [{F, [Tab, Spec, N]} || F <- [select, select_reverse, match, match_object], Tab <- Tabs, N <- [0, foo, -1, 1 bsl 70]] ++
      [{F, [Tab, Bad, N]} || F <- [select, select_reverse], Tab <- Tabs, N <- [0, 1]] ++
      [{lookup_element, [Tab, K, P]} || Tab <- Tabs, K <- [zork, k], P <- [1, 0, 5, x, 1 bsl 70]] ++
      [{update_counter, [Tab, K, Op]} || Tab <- Tabs, {K, Op} <- [{zork, 1}, {k, {3, 1}}, {k, {2, 1.0}}, {k, foo}, {k, {1, 1}}, {k, {9, 1}}, {k, {0, 1}}, {k, {x, 1}}, {k, [{2, 1} | x]}, {k, {1 bsl 70, 1}}, {k, {2,1,2}},
                          {k, [{2, 1}, {2, 2, 10, 0}, {2, 1}]}, {k, [{2, 1}, {2, 1, x, 0}]}, {k, []}, {k, [{2,a}]}, {k,[a]}, {k,[1]}]] ++
      [{update_counter, [Tab, K, Op, Def]} || Tab <- Tabs, {K, Op, Def} <- [{new2, {2, 5}, foo}, {new2, {5, 5}, {a, 1}}, {new2, {2, 5}, {a, b}}, {k, {2, 5}, foo}, {k, {2, a}, {1,2}}, {new2, {1,1},{a,2}}, {new2, foo, {a,1}}]] ++
      [{update_element, [Tab, K, Op]} || Tab <- Tabs, {K, Op} <- [{zork, {2, 1}}, {k, {1, 1}}, {k, {9, 1}}, {k, {x, 1}}, {k, x}, {k, []}, {nokey, []}, {nokey, {0, 1}}, {nokey, {1, 1}},
                          {k, [{2, 1} | x]}, {k, [{1,1}]}, {k, [{2,3}, {7,1}]}, {k, {1 bsl 70, 1}}]] ++
      [{give_away, [Tab, P, x]} || Tab <- Tabs, P <- [self(), foo, Dead], {Tab, P} =/= {Public, self()}] ++
      [{new, [N, Op]} || {N, Op} <- [{12, []}, {a, [foo]}, {a, foo}, {a, [set | foo]}, {a, [{keypos, 0}]}, {a, [{keypos, a}]}, {a, [{heir, foo, 1}]}, {nm, [named_table]}, {12, foo}, {"a", [named_table]}, {a, [{heir,none,1}]}, {a, [{read_concurrency,auto}]}, {nm, [named_table, foo]}]] ++
      [{rename, [Tab, N]} || {Tab, N} <- [{nm, 12}, {Protected, zz}, {nm2, nm}, {nm2, nm2}, {12, 13}]] ++
      [{setopts, [Tab, Op]} || Tab <- Tabs, Op <- [foo, {protection, foo}, {heir, foo, a}, [{protection, public}, {protection, private}], [{heir, none} | x], [], {heir, none, x}, {foo, bar}]] ++
      [{slot, [Tab, I]} || Tab <- Tabs, I <- [-1, 0, 1 bsl 40, foo]] ++
      [{match_spec_compile, [X]} || X <- [foo, Bad, Spec, []]] ++
      [{match_spec_run, [L, X]} || L <- [[], foo, [1|2]], X <- [foo, ets:match_spec_compile(Spec)]] ++
      [{is_compiled_ms, [foo]}, {test_ms, [foo, Spec]}, {test_ms, [{a}, Bad]}, {test_ms, [{a}, foo]}, {repair_continuation, [foo, Spec]}, {repair_continuation, [foo, Bad]}] ++
      [{F, [fun(_, A) -> A end, 0, Tab]} || F <- [foldl, foldr], Tab <- Tabs] ++
      [{info, [Tab, foo]} || Tab <- Tabs] ++
      [{tabfile_info, [12]}, {file2tab, [12]}, {table, [12]}],
    [call(F, A, Tabs) || {F, A} <- Calls].

call(F, A, Tabs) ->
    R = try apply(ets, F, A) of V when is_reference(V) -> ref; V -> V
    catch C:Re:St -> {C, fmt(Re, St)} end,
    io:format("~w~s ~ts~n", [F, args(A, Tabs), scrub(io_lib:format("~0tp", [R]))]).

args(A, Tabs) -> [[" ", io_lib:format("~w", [name(X, Tabs)])] || X <- A].
name(X, Tabs) -> case string:str(Tabs, [X]) of 0 when is_reference(X) -> ref; 0 when is_pid(X) -> pid; 0 when is_function(X) -> 'fun'; 0 -> X; N -> {tab, N} end.

fmt(Reason, [{M, F, A, Info} | _] = St) ->
    EI = proplists:get_value(error_info, Info, none),
    Text = case EI of none -> none; _ -> Mod = maps:get(module, EI, M), Fun = maps:get(function, EI, format_error), try Mod:Fun(Reason, St) catch X:Y -> {X, Y} end end,
    {Reason, M, F, if is_list(A) -> length(A); true -> A end, EI, Text}.

scrub(S) -> re:replace(re:replace(S, "#Ref<[0-9.]*>", "REF", [global, unicode]), "<0\\.[0-9.]+>", "PID", [global, unicode, {return, list}]).
