%% Resident memory of a process that waits.
-module(idle_processes).
-export([main/0]).

main() ->
    bench:memory(50000, fun() ->
        Pids = [spawn(fun() -> receive stop -> ok end end) || _ <- lists:seq(1, 50000)],
        erlang:yield(),
        fun() -> stop(Pids) end
    end).

stop(Pids) -> [P ! stop || P <- Pids], ok.
