%% A call that has to wait a moment for other threads. In either profile; only BIFs are called.
-module(lintel_retry).
-export([later/2]).

later(Fun, Args) ->
    receive after 1 -> ok end,
    erlang:apply(Fun, Args).
