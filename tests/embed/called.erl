%% What calls.c calls, spawns and sends to.
-module(called).
-export([fail/0, echo_to/1, tell_ui/1, sum_by_host/1, later/0, endless/0, stop_endless/0, waits/0, size_of_list/1, size_of_binary/1]).

fail() ->
    error(on_purpose).

echo_to(Host) ->
    receive
        Message -> Host ! {echo, Message}
    end,
    echo_to(Host).

tell_ui(Count) -> [ui ! {told, N} || N <- lists:seq(1, Count)].

sum_by_host(Count) -> lists:foldl(fun(N, Sum) -> host:add(N, Sum) end, 0, lists:seq(1, Count)).

%% The host rejects.
later() ->
    try host:later()
    catch Class:Reason -> {Class, Reason}
    end.

endless() ->
    register(endless, self()),
    loop(0).

loop(N) -> loop(N + 1).

stop_endless() -> exit(whereis(endless), kill).

%% For some timers, and for a message.
waits() ->
    register(waits, self()),
    receive after 5 -> ok end,
    receive after 5 -> ok end,
    receive go -> done end.

size_of_list(N) -> length(lists:seq(1, N)).

size_of_binary(N) ->
    try byte_size(binary:copy(<<"x">>, N))
    catch error:Reason -> Reason
    end.
