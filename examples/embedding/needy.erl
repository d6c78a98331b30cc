%% A module that calls what does not exist.
-module(needy).
-export([run/0]).

run() -> no_such_module:f(1).
