%% The list of BIFs, which is_builtin/3 knows.
-module(builtin_list).
-export([main/0]).

main() ->
    All = erlang:system_info(snifs),
    io:format("~p~n", [[lists:member(F, All) || F <- [{erlang, element, 2}, {erlang, '+', 2}, {maps, get, 2}, {ets, lookup, 2}, {lists, member, 2},
                                                      {lists, map, 2}, {erlang, halt, 1}, {erlang, apply, 3}, {?MODULE, main, 0}]]]),
    io:format("~p~n", [[F || {M, N, A} = F <- All, not erlang:is_builtin(M, N, A)]]),
    io:format("~p~n", [length(All) =:= length(lists:usort(All))]).
