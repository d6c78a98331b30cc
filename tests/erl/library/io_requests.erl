%% io functions against the group leader, and a group leader of our own.
-module(io_requests).
-export([main/0]).

main() ->
    io:put_chars("plain\n"),
    io:put_chars(<<"bin\n">>),
    io:put_chars(standard_io, [$a, [<<"b">>], $\n]),
    io:fwrite("~w~n", [x]),
    io:write({a, "b"}), io:nl(),
    io:format(user, "to user~n", []),
    S = self(),
    GL = spawn(fun() -> (fun L() -> receive {io_request, F, R, Req} -> F ! {io_reply, R, ok}, S ! {req, Req}, L() end end)() end),
    spawn(fun() -> group_leader(GL, self()), io:format("hidden ~p", [1]) end),
    io:format("~p~n", [receive {req, {put_chars, U, io_lib, format, A}} -> {U, A}; {req, {put_chars, U, C}} -> {U, C} end]),
    io:format("~p~n", [catch io:format("~p")]),
    io:format("~p~n", [io:get_line("")]),
    io:format("~p~n", [io:columns()]).
