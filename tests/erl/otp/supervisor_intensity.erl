%% A supervisor gives up when restarts are too frequent.
-module(supervisor_intensity).
-export([main/0]).
-behaviour(supervisor).
-export([init/1, start_child/0]).

main() ->
    catch logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    {ok, S} = supervisor:start_link(?MODULE, []),
    io:format("~p~n", [receive {'EXIT', S, R} -> R after 30000 -> nothing end]),
    io:format("~p~n", [element(1, element(2, supervisor:start_link(?MODULE, bad)))]).

init(bad) -> {ok, {#{}, [{a, {no_such_module, start, []}, permanent, 10, worker, []}]}};
init([]) -> {ok, {{rest_for_one, 2, 10}, [{w, {?MODULE, start_child, []}, permanent, 100, worker, []}]}}.

start_child() -> {ok, spawn_link(fun() -> timer:sleep(5), exit(crash) end)}.
