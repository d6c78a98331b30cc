%% register, whereis, unregister, send to names, errors.
-module(registered).
-export([main/0]).

main() ->
    P = spawn(fun() -> (fun L() -> receive {F, M} -> F ! {echo, M}, L(); stop -> ok end end)() end),
    io:format("~p~n", [register(my_name, P)]),
    my_name ! {self(), hi},
    io:format("~p~n", [receive {echo, X} -> X end]),
    {my_name, node()} ! {self(), hi2},
    io:format("~p~n", [receive {echo, X2} -> X2 end]),
    io:format("~p~n", [[whereis(my_name) =:= P, lists:member(my_name, registered()), process_info(P, registered_name), process_info(self(), registered_name)]]),
    Monitor = monitor(process, P),
    [try io:format("~p~n", [F()]) catch C:R -> io:format("~p ~p~n", [C, R]) end
     || F <- [fun() -> register(my_name, self()) end, fun() -> register(undefined, self()) end, fun() -> register(other, P) end, fun() -> unregister(nope) end, fun() -> nope ! x end,
              fun() -> "bad" ! x end, fun() -> erlang:send(my_name, stop, [noconnect]) end]],
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    io:format("~p ~p~n", [whereis(my_name), try register(a_name, P) catch C:R -> {C, R} end]).
