%% Workers watched by monitors, and linked ones whose exits are trapped.
-module(monitored).
-export([main/0]).

main() ->
    bench:cpu(fun() ->
        process_flag(trap_exit, true),
        loop(40000, 0)
    end, 80000).

loop(0, Acc) -> Acc;
loop(N, Acc) ->
    {_, M} = spawn_monitor(fun() -> exit({ok, N}) end),
    A = receive {'DOWN', M, process, _, {ok, N}} -> 1 end,
    P = spawn_link(fun() -> exit(stop) end),
    B = receive {'EXIT', P, stop} -> 1 end,
    loop(N - 1, Acc + A + B).
