%% receive … after: zero, finite, computed, infinity, bad value.
-module(receive_timeout).
-export([main/0]).

main() ->
    io:format("~p~n", [receive x -> x after 0 -> none end]),
    io:format("~p~n", [receive x -> x after 20 -> timeout end]),
    Self = self(),
    spawn(fun() -> receive after 30 -> Self ! late end end),
    io:format("~p~n", [receive late -> got_late after 30000 -> never end]),
    erlang:send_after(10, self(), hello),
    io:format("~p~n", [receive hello -> hi after infinity -> never end]),
    io:format("~p~n", [try receive after id(-1) -> ok end catch C1:R1 -> {C1, R1} end]),
    io:format("~p~n", [try receive after id(a) -> ok end catch C2:R2 -> {C2, R2} end]),
    io:format("~p~n", [try receive after id(1 bsl 40) -> ok end catch C3:R3 -> {C3, R3} end]),
    self() ! other,
    io:format("~p~n", [receive wanted -> wanted after 10 -> still_waiting end]).

id(X) -> X.
