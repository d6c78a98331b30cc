%% The program's own module has an on_load function.
-module(main_module_with_on_load).
-export([main/0]).
-on_load(load/0).

load() -> persistent_term:put(?MODULE, loaded), ok.

main() -> io:format("~p~n", [persistent_term:get(?MODULE)]).
