%% The program ends while a native function sleeps: nobody waits for it.
-module(halting).
-export([main/0]).
-on_load(init/0).

init() -> erlang:load_nif("./halting", 0).

sleep_long(_) -> erlang:nif_error(not_loaded).

main() ->
    Self = self(),
    Pids = [spawn(fun() -> sleep_long(Self) end) || _ <- [1, 2]],
    [receive sleeping -> ok end || _ <- Pids],
    exit(hd(Pids), kill),
    io:format("~p~n", [lists:duplicate(10, x)]),
    erlang:halt(5).
