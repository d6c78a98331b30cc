%% An heir that has ended before it is made one is none; the end of a table has no neighbours, even where it is a key.
-module(dead_heir).
-export([main/0]).

main() ->
    {Heir, Monitor} = spawn_monitor(fun() -> receive stop -> ok end end),
    Table = ets:new(table, [{heir, Heir, data}]),
    show([ets:info(Table, heir) =:= Heir, lists:member({heir, Heir}, ets:info(Table))]),
    Heir ! stop,
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    show([ets:info(Table, heir), ets:info(ets:new(late, [{heir, Heir, data}]), heir)] -- [Heir]),
    show([ets:setopts(Table, {heir, Heir, data}), ets:info(Table, heir)]),
    End = '$end_of_table',
    [begin
         T = ets:new(table, [Type]),
         ets:insert(T, [{K} || K <- [1, a, "x", 2.5]]),
         Ask = fun(Fs) -> show([{Type, F, try ets:F(T, End) catch C:R -> {C, R} end} || F <- Fs]) end,
         Ask([next, prev, lookup, member]),
         ets:insert(T, {End}),
         Ask([next || Type =:= ordered_set] ++ [prev || Type =:= ordered_set] ++ [lookup, member])
     end || Type <- [set, ordered_set, bag, duplicate_bag]].

show(Term) -> io:format("~p~n", [Term]).
