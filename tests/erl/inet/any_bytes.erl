%% port_control, port_command and messages with any bytes: whatever the answer, the VM and other sockets live on.
-module(any_bytes).
-export([main/0]).

-define(FIRST, 16#03f1a300).

main() ->
    process_flag(trap_exit, true),
    Rounds = 40,
    [attempt(Seed) || Seed <- lists:seq(1, Rounds)],
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127,0,0,1}}]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}]),
    {ok, S} = gen_tcp:accept(L),
    ok = gen_tcp:send(C, "alive"),
    io:format("~p~n", [gen_tcp:recv(S, 5, 2000)]).

attempt(Seed) ->
    rand:seed(exsss, Seed),
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127,0,0,1}}]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}, {linger, {true, 0}}]),
    {ok, S} = gen_tcp:accept(L),
    {ok, U} = gen_udp:open(0, [{ip, {127,0,0,1}}]),
    Fresh = [open_port({spawn_driver, D}, [binary]) || D <- ["tcp_inet", "udp_inet"]],
    All = [L, C, S, U | Fresh],
    [abuse(lists:nth(rand:uniform(length(All)), All)) || _ <- lists:seq(1, 150)],
    [catch port_close(P) || P <- All],
    flush().

abuse(P) ->
    case rand:uniform(10) of
        1 -> catch port_command(P, bytes(), [nosuspend]);
        2 -> P ! {self(), {command, [rand:uniform(7) - 1 | bytes()]}};
        3 -> catch port_control(P, rand:uniform(1 bsl 32) - 1, bytes());
        _ -> catch port_control(P, ?FIRST + operation(), arguments())
    end.

%% Not setifaddr and its like, which could do what is asked; not a wait in accept for ever.
operation() ->
    case rand:uniform(63) of
        23 -> 5;
        N -> N
    end.

arguments() ->
    case rand:uniform(4) of
        1 -> bytes();
        2 -> [rand:uniform(50) - 1, 0, 0, 0, rand:uniform(6) - 1 | bytes()];
        3 -> [0, 0, 0, rand:uniform(50), rand:uniform(7) - 1 | bytes()];
        4 -> [rand:uniform(7) - 1, rand:uniform(4) | bytes()]
    end.

%% Without the option debug, which has OTP print.
bytes() -> [case B of 99 -> 0; _ -> B end || <<B>> <= rand:bytes(rand:uniform(40) - 1)].

flush() -> receive _ -> flush() after 0 -> ok end.
