%% Records: defaults, update, matching, is_record, badrecord.
-module(records).
-export([main/0]).
-record(r, {a = 1, b, c = [] :: list()}).
-record(other, {x}).

main() ->
    R = #r{b = two},
    io:format("~p ~p~n", [R, R#r{a = 5, c = [x]}]),
    io:format("~p~n", [[R#r.a, R#r.b, #r.c, is_record(R, r), is_record(R, other), is_record({r}, r), record_info(fields, r),
                        record_info(size, r)]]),
    #r{b = B} = R,
    io:format("~p~n", [B]),
    try (id(#other{x = 1}))#r.a catch C:E -> io:format("~p ~p~n", [C, E]) end,
    try (id(nope))#r{a = 1} catch C2:E2 -> io:format("~p ~p~n", [C2, E2]) end,
    io:format("~p~n", [[X || #r{a = X} <- [R, #other{}, R#r{a = 9}]]]).

id(X) -> X.
