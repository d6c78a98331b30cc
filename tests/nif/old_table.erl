%% A library of an old version of the interface.
-module(old_table).
-export([main/0]).
-on_load(init/0).

init() -> erlang:load_nif("./old_table", 0).

one() -> erlang:nif_error(none).
two(_, _) -> erlang:nif_error(none).
three(_) -> erlang:nif_error(none).

main() -> io:format("~p~n", [[one(), two(a, b), three(<<"bytes">>)]]).
