%% 'DOWN' messages of one process come in the order in which its monitors were made.
-module(down_order).
-export([main/0]).

main() ->
    P = spawn(fun() -> receive stop -> ok end end),
    Ms = [monitor(process, P) || _ <- lists:seq(1, 20)],
    [demonitor(lists:nth(K, Ms)) || K <- [3, 7, 20]],
    P ! stop,
    Places = maps:from_list(lists:zip(Ms, lists:seq(1, 20))),
    io:format("~w~n", [[receive {'DOWN', M, process, P, normal} -> maps:get(M, Places) end || _ <- lists:seq(1, 17)]]),
    named(),
    many(20000).

named() ->
    Self = self(),
    P = spawn(fun() -> register(down_order, self()), Self ! go, receive stop -> exit(bye) end end),
    receive go -> ok end,
    M1 = monitor(process, down_order),
    M2 = monitor(process, P),
    M3 = monitor(process, down_order),
    P ! stop,
    io:format("~w~n", [[receive {'DOWN', M1, _, _, bye} -> 1; {'DOWN', M2, _, _, bye} -> 2; {'DOWN', M3, _, _, bye} -> 3 end || _ <- "abc"]]).

%% Waited for one by one: quadratic if they came in another order.
many(N) ->
    P = spawn(fun() -> receive stop -> ok end end),
    Ms = [monitor(process, P) || _ <- lists:seq(1, N)],
    P ! stop,
    io:format("~w~n", [length([receive {'DOWN', M, process, P, _} -> ok end || M <- Ms])]).
