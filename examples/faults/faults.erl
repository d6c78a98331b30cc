%% Links, monitors, trapped exits and kill, one after another.
-module(faults).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),

    Linked = spawn_link(fun() -> exit(first) end),
    receive {'EXIT', Linked, R1} -> io:format("linked process ended: ~p~n", [R1]) end,

    {Watched, Ref} = spawn_monitor(fun() -> receive stop -> exit(second) end end),
    Watched ! stop,
    receive {'DOWN', Ref, process, Watched, R2} -> io:format("watched process ended: ~p~n", [R2]) end,

    Gone = monitor(process, Watched),
    receive {'DOWN', Gone, process, Watched, R3} -> io:format("watching a dead process: ~p~n", [R3]) end,

    Self = self(),
    Stubborn = spawn_link(fun() -> process_flag(trap_exit, true), Self ! ready, stubborn() end),
    receive ready -> ok end,
    exit(Stubborn, please),
    Stubborn ! {are_you_there, self()},
    receive {yes, Got} -> io:format("trapped: ~p~n", [Got]) end,
    exit(Stubborn, kill),
    receive {'EXIT', Stubborn, R4} -> io:format("killed all the same: ~p~n", [R4]) end,

    %% An exit goes along links: the child of a dead parent dies, and takes nobody else with it.
    Parent = spawn(fun() ->
                       Self ! {child, spawn_link(fun() -> receive never -> ok end end)},
                       receive go -> exit(third) end
                   end),
    receive {child, Child} -> ok end,
    ChildRef = monitor(process, Child),
    Parent ! go,
    receive {'DOWN', ChildRef, process, Child, R5} -> io:format("child of a dead parent: ~p~n", [R5]) end.

stubborn() ->
    receive
        {'EXIT', _, Reason} -> put(reason, Reason), stubborn();
        {are_you_there, From} -> From ! {yes, get(reason)}, stubborn()
    end.
