%% The module that upgrades.erl loads again and again.
-module(upgrades_code).
-export([version/0, make/1, look/1, keep/1, load/2]).
-on_load(init/0).

init() -> {Library, Pid} = persistent_term:get(upgrades), load(Library, Pid).

load(Library, Pid) -> R = erlang:load_nif(Library, Pid), Pid ! {load_nif, R}, case R of {error, {reload, _}} -> ok; {error, {upgrade, _}} -> ok; _ -> R end.

version() -> erlang:nif_error(no_library).
make(_) -> erlang:nif_error(no_library).
look(_) -> erlang:nif_error(no_library).
keep(Pid) -> receive go -> Pid ! catch version(), keep(Pid); {load, L} -> load(L, Pid), keep(Pid); again -> ?MODULE:keep(Pid) end.
