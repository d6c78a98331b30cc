-module(tickets).
-export([main/0]).

main() ->
    Hall = ets:new(hall, [public]),
    ets:insert(Hall, {left, 1}),
    Desks = [spawn_monitor(fun() -> sell(Hall) end) || _ <- [1, 2]],
    Sold = length([sold || {Pid, Ref} <- Desks, sold =:= receive {'DOWN', Ref, process, Pid, What} -> What end]),
    halt(if Sold =:= 1 -> 0; true -> 1 end).

sell(Hall) ->
    case ets:lookup(Hall, left) of
        [{left, 0}] -> exit(none_left);
        [{left, N}] -> ets:insert(Hall, {left, N - 1}), exit(sold)
    end.
