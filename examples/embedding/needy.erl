%% A module that calls what does not exist.
-module(needy).
-export([main/0]).

main() -> no_such_module:f(1).
