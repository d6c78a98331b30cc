%% Slices and collections.
%% Not under stress: there are more of them then.
-module(scheduling).
-export([main/0]).

main() ->
    [traced:run(atom_to_list(F), [F], fun slices/0) || F <- [running, running_procs, exiting]],
    traced:run("running, exiting", [running, exiting], fun() -> erlang:yield() end),
    traced:run("killed", [exiting], fun() -> exit(self(), kill), receive x -> ok end end),
    collections(fun() -> erlang:garbage_collect() end).

slices() ->
    receive after 5 -> ok end, self() ! x, receive x -> ok end, erlang:yield(), loop(100).

loop(0) -> ok;
loop(N) -> loop(N - 1).

%% Sizes are not the same; what is told is.
collections(F) ->
    Me = self(),
    P = spawn(fun() -> receive go -> ok end, F(), Me ! {done, self()}, receive stop -> ok end end),
    erlang:trace(P, true, [garbage_collection]),
    P ! go, receive {done, P} -> ok end,
    io:format("~p~n", [[{Tag, [K || {K, V} <- Info, is_integer(V)]} || {trace, _, Tag, Info} <- traced:flush(P)]]),
    P ! stop.
