%% Resident memory of a process that waits. Nobody keeps the pids: a list of them would count, too.
-module(idle_processes).
-export([main/0, idle/0]).

main() ->
    bench:memory(200000, fun() ->
        start(200000),
        erlang:yield(),
        fun() -> [exit(P, kill) || P <- processes(), process_info(P, current_function) =:= {current_function, {?MODULE, idle, 0}}], ok end
    end).

start(0) -> ok;
start(N) -> spawn(?MODULE, idle, []), start(N - 1).

idle() -> receive stop -> ok end.
