%% Links, trap_exit, and the exit reasons that arrive.
-module(links).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    [begin
         P = spawn_link(F),
         receive {'EXIT', P, R} -> io:format("~p~n", [short(R)]) after 30000 -> io:format("nothing~n") end
     end || F <- [fun() -> ok end, fun() -> exit(bye) end, fun() -> throw(oops) end, fun() -> error(bad) end, fun() -> exit(normal) end, fun() -> 1 / id(0) end,
                  fun() -> exit(self(), kill), receive after infinity -> ok end end, fun() -> exit(self(), other), receive after infinity -> ok end end,
                  fun() -> spawn_link(fun() -> exit(chained) end), receive after infinity -> ok end end]],
    {P2, Monitor} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    io:format("~p~n", [catch link(P2)]),
    io:format("~p~n", [receive {'EXIT', P2, R2} -> R2 after 30000 -> nothing end]),
    io:format("~p~n", [unlink(P2)]),
    io:format("~p~n", [process_info(self(), links) =:= {links, []}]).

short({R, [{M, F, A, _} | _]}) -> {R, M, F, A};
short(R) -> R.

id(X) -> X.
