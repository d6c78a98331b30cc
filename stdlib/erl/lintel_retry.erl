%% A call that has to wait a moment for other threads. In either profile; only BIFs are called.
-module(lintel_retry).
-export([later/2, passed/1]).

later(Fun, Args) ->
    receive after 1 -> ok end,
    erlang:apply(Fun, Args).

%% ok, when every scheduler has come to the end of a slice since the stamp was taken.
passed(Stamp) ->
    case lintel_retry:schedulers_passed(Stamp) of
        true -> ok;
        false -> later(fun lintel_retry:passed/1, [Stamp])
    end.
