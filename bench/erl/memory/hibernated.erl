%% Resident memory of a process that has worked a little and hibernates.
-module(hibernated).
-export([main/0]).

-export([done/0]).

main() ->
    bench:memory(20000, fun() ->
        Self = self(),
        Pids = [spawn(fun() -> work(Self) end) || _ <- lists:seq(1, 20000)],
        [receive {P, ready} -> ok end || P <- Pids],
        timer:sleep(100),
        fun() -> [P ! stop || P <- Pids], ok end
    end).

work(Main) ->
    20100 = lists:sum(lists:seq(1, 200)),
    Main ! {self(), ready},
    erlang:hibernate(?MODULE, done, []).

done() -> receive stop -> ok end.
