%% What the C programs of this folder run.
-module(guest).
-export([main/1, hello/0, echo/0, crash/0, stop/0, complain/0, fill/0, count/1, leave/0]).

main(Args) -> io:format("~p~n", [Args]).

hello() -> io:format("hello~n").

%% Every line back, until the end of the input.
echo() ->
    case io:get_line("") of
        eof -> io:format("end~n");
        Line ->
            io:put_chars(["<", Line]),
            echo()
    end.

crash() -> error(on_purpose).

stop() -> halt(7).

complain() -> erlang:display(here), lintel_no_such_module:f().

%% Makes processes until the VM has no more: catches system_limit and says how many there were.
fill() -> fill(0).

fill(N) ->
    try spawn(fun() -> receive stop -> ok end end) of
        _ -> fill(N + 1)
    catch
        error:system_limit -> io:format("~p~n", [N > 900 andalso N =< 1024])
    end.

count([N]) -> io:format("~p~n", [length([X || X <- lists:seq(1, list_to_integer(N)), X rem 2 =:= 0])]).

%% Ends while somebody still waits for input.
leave() ->
    spawn(fun() -> io:get_line("") end),
    receive after 20 -> ok end,
    halt(3).
