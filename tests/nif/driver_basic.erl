%% Commands, port_control, port_call, the queue of a port, port_info.
-module(driver_basic).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    ok = logger:set_primary_config(level, none),  % of data that is no iolist
    show(load, erl_ddll:load_driver(".", driver_basic)),
    show(again, erl_ddll:load_driver(".", "driver_basic")),
    starting(),
    commands([]),
    commands([binary]),
    lines(),
    controls(),
    calls(),
    queue(),
    info(),
    show(unload, erl_ddll:unload_driver(driver_basic)).

starting() ->
    [show({start, C}, catch_of(fun() -> open_port({spawn_driver, "driver_basic " ++ C}, []) end)) || C <- ["general", "badarg", "errno"]],
    show(unknown, catch_of(fun() -> open_port({spawn_driver, "driver_none"}, []) end)),
    show(status, catch_of(fun() -> open_port({spawn_driver, "driver_basic"}, [exit_status]) end)),
    P = open_port({spawn, "driver_basic some arguments"}, []),
    P ! {self(), {command, "n"}},
    show(command, next(P)),
    show(name, erlang:port_info(P, name)),
    port_close(P).

commands(Options) ->
    P = open_port({spawn_driver, driver_basic}, Options),
    [begin
         port_command(P, C),
         show({Options, short(C)}, short(next(P)))
     end || C <- ["", "ehello", [$e, <<"bin">>, [[], "list"]], "2abcdef", "0abc", "bxyz", [$b | lists:duplicate(200, $c)], [$e | lists:duplicate(100, $d)], "e"]],
    show(bad_command, catch_of(fun() -> port_command(P, [a]) end)),
    %% The caller is not the owner.
    Me = self(),
    Other = spawn(fun() -> port_command(P, "t"), Me ! sent end),
    receive sent -> ok end,
    receive {Other, Me, P} -> show(caller, ok) end,
    P ! {self(), close},
    receive {P, closed} -> show(closed, ok) end,
    show(exit, receive {'EXIT', P, Why} -> Why after 1000 -> none end),
    show(gone, catch_of(fun() -> port_command(P, "e") end)).

lines() ->
    P = open_port({spawn_driver, driver_basic}, [{line, 5}]),
    [port_command(P, [$e | C]) || C <- ["ab\ncd\r\nef", "\n", "12345\n", "12345", "\r\n", "1234567890\n", "a\rb\n", "\n"]],
    port_command(P, "t"),
    collect(P),
    show(flags, port_control(P, 7, "")),
    port_close(P),
    receive {'EXIT', P, _} -> ok end.

collect(P) ->
    receive
        {P, {data, D}} -> show(line, D), collect(P);
        {_, _, P} -> ok
    end.

controls() ->
    P = open_port({spawn_driver, driver_basic}, []),
    [show({control, Op}, short(catch_of(fun() -> port_control(P, Op, D) end))) ||
        {Op, D} <- [{1, "abc"}, {1, []}, {1, lists:duplicate(100, $x)}, {2, <<"twice">>}, {2, lists:duplicate(300, $y)}, {5, ""}, {6, ""}, {7, ""}, {99, ""},
                    {16#ffffffff, ""}, {16#100000000, ""}, {-1, ""}, {1, [a]}, {17, ""}, {18, ""}, {19, ""}, {19, ""}]],
    port_control(P, 3, "1"),
    [show({binary, Op}, short(catch_of(fun() -> port_control(P, Op, D) end))) ||
        {Op, D} <- [{1, "abc"}, {1, ""}, {4, "short"}, {4, binary:copy(<<"z">>, 1000)}, {4, ""}, {5, ""}]],
    port_close(P),
    receive {'EXIT', P, _} -> ok end,
    Q = open_port({spawn_driver, driver_basic}, [binary]),
    show(counts, port_control(Q, 8, "")),
    show(flags, port_control(Q, 7, "")),
    port_close(Q),
    receive {'EXIT', Q, _} -> ok end.

calls() ->
    P = open_port({spawn_driver, driver_basic}, []),
    [show({call, Op}, short(catch_of(fun() -> erlang:port_call(P, Op, T) end))) ||
        {Op, T} <- [{0, {some, [term], "with", 1.5, <<"bytes">>}}, {0, lists:seq(1, 1000)}, {0, self() =:= self()}, {1, kept}, {2, x}, {3, x}, {4, x}, {5, x}]],
    show(default, erlang:port_call(P, #{a => 1})),
    erlang:trace(P, true, [send, 'receive']),
    erlang:port_call(P, 0, called),
    D = erlang:trace_delivered(all), receive {trace_delivered, all, D} -> ok end,
    Me = self(),
    show(traced, [receive {trace, P, 'receive', {Me, {call, {0, B}}}} -> binary_to_term(B) after 1000 -> nothing end,
                  receive {trace, P, send, {P, {call, B2}}, Me} -> binary_to_term(B2) after 1000 -> nothing end]),
    erlang:trace(P, false, [send, 'receive']),
    port_close(P),
    receive {'EXIT', P, _} -> ok end.

queue() ->
    P = open_port({spawn_driver, driver_basic}, []),
    C = fun(Op, D) -> show({queue, Op}, port_control(P, Op, D)) end,
    C(15, ""), C(14, ""), C(10, "hello"), C(10, ""), C(11, "first "), C(14, ""), C(12, "[between]"), C(14, ""), C(15, ""),
    show(size, erlang:port_info(P, queue_size)),
    C(13, [3]), C(14, ""), C(13, [5]), C(14, ""), C(13, [100]), C(13, [11]), C(15, ""),
    port_close(P),
    receive {'EXIT', P, _} -> ok end.

info() ->
    P = open_port({spawn_driver, "driver_basic info"}, []),
    register(driver_basic_port, P),
    port_command(P, "ehello"),
    _ = next(P),
    port_control(P, 16, ""),
    [show(Item, case erlang:port_info(P, Item) of {Item, V} -> V; V -> V end) || Item <- [registered_name, name, input, output, os_pid, monitors, monitored_by, queue_size, locking]],
    show(connected, erlang:port_info(P, connected) =:= {connected, self()}),
    show(links, erlang:port_info(P, links) =:= {links, [self()]}),
    Other = spawn_link(fun() -> receive stop -> ok end end),
    show(connect, port_connect(P, Other)),
    show(connected, erlang:port_info(P, connected) =:= {connected, Other}),
    unlink(P),
    Other ! stop,
    receive {'EXIT', Other, normal} -> ok end,
    wait_gone(P),
    show(info, erlang:port_info(P)).

wait_gone(P) ->
    case erlang:port_info(P) of
        undefined -> ok;
        _ -> timer:sleep(1), wait_gone(P)
    end.

next(P) -> receive {P, {data, D}} -> D after 2000 -> nothing end.

short(L) when is_list(L), length(L) > 40 -> {list, length(L), erlang:phash2(L)};
short(B) when is_binary(B), byte_size(B) > 40 -> {binary, byte_size(B), erlang:phash2(B)};
short([A, B | C]) when is_binary(C), byte_size(C) > 40 -> {[A, B], byte_size(C)};
short(Other) -> Other.

catch_of(F) -> try F() catch C:R -> {C, R} end.

show(What, Result) -> io:format("~p: ~p~n", [What, Result]).
