%% erl_ddll: loading, unloading, loading again, telling of it, and what is wrong with libraries.
-module(driver_loading).
-export([main/0]).

-define(D, driver_loading_0).

main() ->
    process_flag(trap_exit, true),
    _ = file:delete("driver_loading.log"),
    {ok, AtStart} = erl_ddll:loaded_drivers(),
    wrong(),
    options(),
    show(none, {erl_ddll:unload(?D), erl_ddll:unload_driver("driver_loading_0")}),
    once(AtStart),
    users(),
    open_ports(),
    killed_ports(),
    killed_by_option(),
    last_user_gone(),
    told(),
    reloaded(),
    reload_refused(),
    entries(),
    permanent(),
    show(at_end, element(2, erl_ddll:loaded_drivers()) -- AtStart).

wrong() ->
    [begin
         {error, E} = R = erl_ddll:load_driver(".", Name),
         show({wrong, Name}, {R, erl_ddll:format_error(E)})
     end || Name <- ["driver_loading_" ++ integer_to_list(N) || N <- [1, 2, 4, 5, 6, 7, 8, 10]] ++ ["driver_loading_nowhere", "driver_loading.erl", "tcp_inet"]],
    {error, E} = erl_ddll:load("./no/such/folder", "x"),
    show(no_folder, erl_ddll:format_error(E)),
    {ok, Sources} = file:read_file("driver_loading.beam"),
    ok = file:write_file("driver_text.so", Sources),
    {error, E2} = erl_ddll:load(".", driver_text),
    show(no_library, erl_ddll:format_error(E2)),
    show(old_minor, {erl_ddll:load(".", driver_loading_9), erl_ddll:unload(driver_loading_9)}),
    show(gone, told(erl_ddll:monitor(driver, {driver_loading_9, unloaded_only}))),
    sync().

options() ->
    Bad = [{try_load, [".", ?D, x]}, {try_load, [".", ?D, [x]]}, {try_load, [".", ?D, [{monitor, x}]]}, {try_load, [".", ?D, [{driver_options, [x]}]]},
           {try_load, [".", ?D, [{driver_options, x}]]}, {try_load, [".", ?D, [{reload, true}]]}, {try_load, [".", '', []]}, {try_load, [".", {x}, []]},
           {try_load, [{x}, ?D, []]}, {try_load, [".", ?D, [{monitor, pending} | x]]}, {try_unload, [?D, x]}, {try_unload, [?D, [x]]},
           {try_unload, [?D, [{monitor, x}]]}, {try_unload, [{}, []]}, {monitor, [port, {?D, loaded}]}, {monitor, [driver, ?D]}, {monitor, [driver, {?D, x}]},
           {monitor, [driver, {{}, loaded}]}, {demonitor, [x]}, {info, [?D, processes]}, {info, [tcp_inet, x]}, {info, [{}, processes]}, {info, [tcp_inet, "x"]}],
    [show(Call, try apply(erl_ddll, F, A) catch C:R -> {C, R} end) || {F, A} = Call <- Bad].

once(AtStart) ->
    show(load, erl_ddll:try_load("./", ?D, [])),
    {ok, Now} = erl_ddll:loaded_drivers(),
    show(new, Now -- AtStart),
    show(info, info()),
    P = open_port({spawn_driver, ?D}, []),
    port_command(P, "data"),
    show(data, receive {P, {data, X}} -> X end),
    show(by_hand, port_control(P, 5, "")),
    show(no_entry, port_control(P, 6, "")),
    show(count, erl_ddll:info(?D, port_count)),
    port_close(P),
    receive {'EXIT', P, normal} -> ok end,
    show(count, erl_ddll:info(?D, port_count)),
    {ok, pending_driver, Ref} = erl_ddll:try_unload(?D, [{monitor, pending_driver}]),
    show(unloaded, told(Ref)).

users() ->
    Me = self(),
    Other = spawn(fun() -> Me ! erl_ddll:try_load(".", ?D, []), receive Do -> Do() end end),
    receive A -> show(by_other, A) end,
    show(not_mine, erl_ddll:try_unload(?D, [])),
    show(again, [erl_ddll:try_load(".", ?D, []), erl_ddll:try_load(".", ?D, [])]),
    show(inconsistent, [erl_ddll:try_load("..", ?D, []), erl_ddll:load_driver(".", ?D), erl_ddll:try_load(".", ?D, [{driver_options, [kill_ports]}])]),
    show(processes, [{case P of Me -> me; Other -> other end, N} || {P, N} <- erl_ddll:info(?D, processes)]),
    show(one_less, erl_ddll:try_unload(?D, [{monitor, pending_driver}])),
    {ok, pending_process, Ref} = erl_ddll:try_unload(?D, [{monitor, pending}]),
    show(awaiting, erl_ddll:info(?D, awaiting_unload) =:= [{Me, 1}]),
    show(silence, told(Ref, 20)),
    Other ! fun() -> ok end,
    show(gone, told(Ref)),
    show(not_loaded, erl_ddll:try_unload(?D, [])).

%% Ports keep it loaded, and somebody may change his mind.
open_ports() ->
    show(load, erl_ddll:load(".", ?D)),
    P = open_port({spawn_driver, ?D}, []),
    {ok, pending_driver, Ref} = erl_ddll:try_unload(?D, [{monitor, pending_driver}]),
    show(info, info()),
    show(still, erl_ddll:try_unload(?D, [])),
    Q = open_port({spawn_driver, ?D}, []),
    show(silence, told(Ref, 20)),
    show(cancel, erl_ddll:try_load(".", ?D, [])),
    show(cancelled, told(Ref)),
    show(unload, erl_ddll:try_unload(?D, [])),
    Ref2 = erl_ddll:monitor(driver, {?D, unloaded}),
    port_close(P),
    show(silence, told(Ref2, 20)),
    port_close(Q),
    show(unloaded, told(Ref2)),
    flush().

killed_ports() ->
    show(load, erl_ddll:load_driver(".", ?D)),
    show(info, info()),
    [P, Q] = [open_port({spawn_driver, ?D}, []) || _ <- [1, 2]],
    show(unload, erl_ddll:unload_driver(?D)),
    show(exits, [receive {'EXIT', X, Why} -> Why end || X <- [P, Q]]),
    sync().

killed_by_option() ->
    show(load, erl_ddll:load(".", ?D)),
    P = open_port({spawn_driver, ?D}, []),
    {ok, pending_driver, Ref} = erl_ddll:try_unload(?D, [kill_ports, {monitor, pending_driver}]),
    show(exit, receive {'EXIT', P, Why} -> Why end),
    show(unloaded, told(Ref)).

last_user_gone() ->
    [begin
         Me = self(),
         Pid = spawn(fun() -> ok = erl_ddll:Load(".", ?D), Me ! {self(), open_port({spawn_driver, ?D}, [])}, receive stop -> ok end end),
         P = receive {Pid, X} -> X end,
         catch link(P),
         true = port_connect(P, self()),
         Ref = erl_ddll:monitor(driver, {?D, unloaded_only}),
         show(awaiting, length(erl_ddll:info(?D, awaiting_unload))),
         unlink_from(P, Pid),
         show({Load, exit}, receive {'EXIT', P, Why} -> Why after 50 -> none end),
         show(silence, told(Ref, 20)),
         catch port_close(P),
         show(gone, case Load of load -> told(Ref); load_driver -> done end),
         flush(), sync()
     end || Load <- [load]].

unlink_from(_, Pid) -> Pid ! stop.

told() ->
    show(loaded_not, told(erl_ddll:monitor(driver, {?D, loaded}))),
    show(unloaded_not, told(erl_ddll:monitor(driver, {"driver_loading_0", unloaded}))),
    show(linked, [told(erl_ddll:monitor(driver, {tcp_inet, W})) || W <- [loaded, unloaded, unloaded_only]]),
    ok = erl_ddll:load(".", ?D),
    show(loaded, told(erl_ddll:monitor(driver, {?D, loaded}))),
    Ref = erl_ddll:monitor(driver, {?D, unloaded}),
    Ref2 = erl_ddll:monitor(driver, {?D, unloaded}),
    show(demonitor, erl_ddll:demonitor(Ref)),
    P = open_port({spawn_driver, ?D}, []),
    ok = erl_ddll:unload(?D),
    show(cancelled, told(erl_ddll:monitor(driver, {?D, loaded}))),
    Only = erl_ddll:monitor(driver, {?D, unloaded_only}),
    ok = erl_ddll:load(".", ?D),
    show(cancelled, {told(Ref, 20), told(Ref2), told(Only, 20)}),
    ok = erl_ddll:unload(?D),
    port_close(P),
    show(unloaded, {told(Ref, 20), told(Only)}),
    flush().

reloaded() ->
    show(not_loaded, erl_ddll:reload(".", ?D)),
    ok = erl_ddll:load(".", ?D),
    show(reload, erl_ddll:reload(".", ?D)),
    P = open_port({spawn_driver, ?D}, []),
    {ok, pending_driver, Ref} = erl_ddll:try_load(".", ?D, [{reload, pending_driver}, {monitor, pending_driver}]),
    show(pending, erl_ddll:try_load(".", ?D, [{reload, pending}])),
    show(also, case erl_ddll:try_load(".", ?D, []) of {ok, W, R} when is_reference(R) -> {W, R =/= Ref}; X -> X end),
    show(awaiting, length(erl_ddll:info(?D, awaiting_load))),
    show(silence, told(Ref, 20)),
    port_close(P),
    show(reloaded, told(Ref)),
    show(users, [N || {_, N} <- erl_ddll:info(?D, processes)]),
    ok = erl_ddll:unload(?D),
    ok = erl_ddll:unload(?D),
    flush(), sync(),
    %% With its ports killed.
    ok = erl_ddll:load_driver(".", ?D),
    Q = open_port({spawn_driver, ?D}, []),
    show(reload, erl_ddll:reload_driver(".", ?D)),
    show(killed, receive {'EXIT', Q, Why} -> Why end),
    ok = erl_ddll:unload_driver(?D),
    flush(), sync().

reload_refused() ->
    Me = self(),
    ok = erl_ddll:load(".", ?D),
    Other = spawn(fun() -> ok = erl_ddll:load(".", ?D), Me ! {self(), ok}, receive stop -> ok end end),
    receive {Other, ok} -> ok end,
    show(others, erl_ddll:reload(".", ?D)),
    show(options, erl_ddll:try_load(".", ?D, [{reload, pending}, {driver_options, [kill_ports]}])),
    P = open_port({spawn_driver, ?D}, []),
    {ok, pending_process, Ref} = erl_ddll:try_load("./no/such", ?D, [{reload, pending}, {monitor, pending}]),
    port_close(P),
    show(failure, told(Ref)),
    Other ! stop,
    show(gone, erl_ddll:try_unload(?D, [])),
    %% The wish to load it again ends with who has it.
    ok = erl_ddll:load(".", ?D),
    P2 = open_port({spawn_driver, ?D}, []),
    {ok, pending_driver, Ref2} = erl_ddll:try_load(".", ?D, [{reload, pending_driver}, {monitor, pending_driver}]),
    ok = erl_ddll:unload(?D),
    show(cancelled, told(Ref2)),
    port_close(P2),
    flush(), sync().

entries() ->
    ok = erl_ddll:load(".", ?D),
    P = open_port({spawn_driver, ?D}, []),
    port_control(P, 2, ""),
    show(second, erl_ddll:info(driver_loading_second)),
    Q = open_port({spawn_driver, driver_loading_second}, []),
    port_command(Q, "data"),
    show(data, receive {Q, {data, X}} -> X end),
    show(unload, erl_ddll:unload(driver_loading_second)),
    port_close(Q),
    show(remove, [port_control(P, 3, ""), port_control(P, 3, "")]),
    show(removed, try erl_ddll:info(driver_loading_second) catch C:R -> {C, R} end),
    port_close(P),
    ok = erl_ddll:unload(?D),
    flush(), sync().

permanent() ->
    ok = erl_ddll:load(".", ?D),
    Ref = erl_ddll:monitor(driver, {?D, unloaded}),
    P = open_port({spawn_driver, ?D}, []),
    show(lock, port_control(P, 1, "")),
    show(told, told(Ref)),
    port_close(P),
    show(unload, erl_ddll:unload(?D)),
    show(load, erl_ddll:load(".", ?D)),
    show(told, told(erl_ddll:monitor(driver, {?D, loaded}))),
    show(info, info()),
    flush().

info() -> [case V of [{P, N}] when P =:= self() -> {T, N}; _ -> TV end || {T, V} = TV <- erl_ddll:info(?D)].

told(Ref) -> told(Ref, 2000).
told(Ref, Time) -> receive {Tag, Ref, Type, Name, What} -> {Tag, Type, Name, What} after Time -> nothing end.

%% When what has been unloaded is no more: what its library has noted.
sync() ->
    Ref = erl_ddll:monitor(driver, {?D, unloaded_only}),
    receive {'DOWN', Ref, driver, _, unloaded} -> ok after 1000 -> show(sync, no) end,
    case file:read_file("driver_loading.log") of
        {ok, Log} -> show(log, string:lexemes(Log, "\n")), ok = file:delete("driver_loading.log");
        {error, enoent} -> show(log, none)
    end.

flush() -> receive {'EXIT', P, _} when is_port(P) -> flush() after 0 -> ok end.

show(What, Result) -> io:format("~p: ~p~n", [What, Result]).
