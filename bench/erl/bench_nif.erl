%% Native functions for the programs of natives/; bench_nif.c has what they do.
-module(bench_nif).
-export([successor/1, dirty_successor/1, new_number/1, number/1, list/1, map/1, sum/1]).
-on_load(load/0).

load() -> erlang:load_nif(filename:rootname(code:which(?MODULE)), 0).

successor(_) -> erlang:nif_error(not_loaded).
dirty_successor(_) -> erlang:nif_error(not_loaded).
new_number(_) -> erlang:nif_error(not_loaded).
number(_) -> erlang:nif_error(not_loaded).
list(_) -> erlang:nif_error(not_loaded).
map(_) -> erlang:nif_error(not_loaded).
sum(_) -> erlang:nif_error(not_loaded).
