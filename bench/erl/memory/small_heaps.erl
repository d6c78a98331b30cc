%% Resident memory of a process with a state of a hundred words.
-module(small_heaps).
-export([main/0]).

main() ->
    bench:memory(20000, fun() ->
        Self = self(),
        Pids = [spawn(fun() -> S = state(I), Self ! {self(), ready}, receive stop -> S end end) || I <- lists:seq(1, 20000)],
        [receive {P, ready} -> ok end || P <- Pids],
        fun() -> [P ! stop || P <- Pids], ok end
    end).

state(I) -> #{id => I, list => lists:seq(I, I + 30), text => "forty words of this and that or nearly"}.
