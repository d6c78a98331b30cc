%% Vectors, queues that are flushed, busy ports.
-module(driver_vector).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    ok = logger:set_primary_config(level, none),  % of data that is no iolist
    _ = file:delete("driver_vector.log"),
    ok = erl_ddll:load(".", driver_vector),
    ok = erl_ddll:load(".", driver_vector_soft),
    shapes(),
    outputs([]),
    outputs([binary]),
    pushed(),
    [flushed(How) || How <- [close, {command, close}, kill, other]],
    flushed_at_once(),
    busy(),
    busy_forced(),
    show(unload, {erl_ddll:unload(driver_vector), erl_ddll:unload(driver_vector_soft)}).

open(Mode) -> open(Mode, []).
open(Mode, Options) -> open_port({spawn_driver, "driver_vector " ++ Mode}, Options).

shapes() ->
    P = open("v"),
    Long = binary:copy(<<"l">>, 300),
    Middle = binary:copy(<<"m">>, 100),
    <<_:8, Part:200/binary, _/binary>> = Long,
    <<_:4, Odd:100/binary, _/bits>> = Long,
    Short = <<"short">>,
    [begin port_command(P, D), show(N, next(P)) end || {N, D} <- [
        {empty, []}, {bytes, "abc"}, {short, Short}, {long, Long}, {middle, Middle}, {part, Part}, {odd, Odd},
        {mixed, ["ab", Long, "cd", Short, Middle, [[Long], Short | Part]]},
        {many, lists:duplicate(20, Middle)}, {many_long, lists:duplicate(20, Long)},
        {alternating, lists:duplicate(10, [Long, "x", Middle])},
        {fifteen, lists:duplicate(15, Middle)}, {sixteen, lists:duplicate(16, Middle)}]],
    show(bad, try port_command(P, [Long, x]) catch C:R -> {C, R} end),
    close(P).

outputs(Options) ->
    Long = binary:copy(<<"l">>, 300),
    Middle = binary:copy(<<"m">>, 70),
    [begin
         P = open(Mode, Options),
         [begin port_command(P, D), show({Mode, Options}, short(next(P))) end || D <- ["abcdef", [Long, Middle], ["ab", Long, <<"cd">>], [Long | Middle], "xyz"]],
         close(P)
     end || Mode <- ["o", "s", "c"]].

pushed() ->
    P = open("p"),
    Long = binary:copy(<<"l">>, 300),
    [begin port_command(P, D), show(pushed, short(next(P))) end || D <- ["-abc", "-def", ["-", Long]]],
    close(P).

%% The port ends when the queue is empty; who is linked has heard of it before.
flushed(How) ->
    P = open("q"),
    port_command(P, "0123456789"),
    case How of
        close -> port_close(P);
        {command, close} -> P ! {self(), close}, receive {P, closed} -> ok end;
        kill -> exit(P, kill);
        other -> exit(P, reason)
    end,
    show({flushed, How}, receive {'EXIT', P, Why} -> Why end),
    stopped().

flushed_at_once() ->
    P = open("n"),
    port_command(P, "0123456789"),
    port_close(P),
    receive {'EXIT', P, normal} -> ok end,
    stopped().

%% What the driver has noted, when it has been stopped, and what it has sent.
stopped() ->
    Log = case file:read_file("driver_vector.log") of {ok, L} -> string:lexemes(L, "\n"); {error, enoent} -> [] end,
    case lists:any(fun(Line) -> string:prefix(Line, "stop") =/= nomatch end, Log) of
        true ->
            ok = file:delete("driver_vector.log"),
            show(log, {Log, receive stop -> sent after 0 -> not_sent end, receive flush -> sent after 0 -> not_sent end});
        false ->
            timer:sleep(1),
            stopped()
    end.

busy() ->
    P = open("b"),
    Long = binary:copy(<<"l">>, 300),
    show(first, port_command(P, "one")),
    show(nosuspend, port_command(P, "two", [nosuspend])),
    show(force, try port_command(P, "two", [force]) catch C:R -> {C, R} end),
    T = erlang:monotonic_time(millisecond),
    show(waited, port_command(P, "three")),
    show(time, erlang:monotonic_time(millisecond) - T > 20),
    %% Many wait; and so do those who send.
    Me = self(),
    Pids = [spawn_link(fun() -> port_command(P, integer_to_list(N)), Me ! {self(), done} end) || N <- lists:seq(1, 5)],
    [receive {Pid, done} -> ok end || Pid <- Pids],
    [receive {'EXIT', Pid, normal} -> ok end || Pid <- Pids],
    P ! {self(), {command, Long}},
    T2 = erlang:monotonic_time(millisecond),
    P ! {self(), {command, "last"}},
    show(time, erlang:monotonic_time(millisecond) - T2 > 20),
    show(nosuspend, erlang:send(P, {self(), {command, "not sent"}}, [nosuspend])),
    show(data, lists:sort([short(D) || D <- data(P, 9)])),
    %% Who waits for a port that goes goes on.
    port_command(P, "stay"),
    Waiting = spawn_link(fun() -> Me ! {self(), catch_of(fun() -> port_command(P, "x") end)} end),
    timer:sleep(20),
    close(P),
    receive {Waiting, Result} -> show(waiting, Result) end,
    receive {'EXIT', Waiting, _} -> ok end.

busy_forced() ->
    P = open_port({spawn_driver, "driver_vector_soft f"}, []),
    show(first, port_command(P, "stay")),
    show(nosuspend, port_command(P, "two", [nosuspend])),
    show(force, port_command(P, "forced", [force])),
    show(data, data(P, 2)),
    close(P).

data(_, 0) -> [];
data(P, N) -> receive {P, {data, D}} -> [D | data(P, N - 1)] after 2000 -> [] end.

next(P) -> receive {P, {data, D}} -> D after 2000 -> nothing end.

close(P) ->
    port_close(P),
    receive {'EXIT', P, normal} -> ok end,
    stopped().

short(L) when is_list(L) -> try iolist_size(L) of N when N > 40 -> {N, shape(L), erlang:phash2(iolist_to_binary(L))}; _ -> L catch _:_ -> L end;
short(B) when is_binary(B), byte_size(B) > 40 -> {binary, byte_size(B), erlang:phash2(B)};
short(Other) -> Other.

shape([H | T]) when is_integer(H) -> shape(T);
shape([H | T]) -> [byte_size(H) | shape(T)];
shape([]) -> [];
shape(B) -> byte_size(B).

catch_of(F) -> try F() catch C:R -> {C, R} end.

show(What, Result) -> io:format("~p: ~p~n", [What, Result]).
