%% Ports that begin later; a driver whose ports are locked together.
-module(driver_ack).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    ok = erl_ddll:load_driver(".", driver_ack),
    [begin
         T = erlang:monotonic_time(millisecond),
         R = try open_port({spawn_driver, "driver_ack " ++ [Mode]}, []) of P -> {port, is_port(P), erlang:port_info(P, links) =:= {links, [self()]}} catch C:E -> {C, E} end,
         show([Mode], {R, erlang:monotonic_time(millisecond) - T >= 20, receive M -> mask(M) after 20 -> nothing end}),
         [catch port_close(Q) || Q <- erlang:ports(), erlang:port_info(Q, name) =:= {name, "driver_ack " ++ [Mode]}],
         receive {'EXIT', _, normal} -> ok after 0 -> ok end
     end || Mode <- "ogbefr"],
    asked_by_another(),
    together(),
    show(unload, erl_ddll:unload_driver(driver_ack)),
    show(left, [N || {name, N = "driver_ack" ++ _} <- [erlang:port_info(P, name) || P <- erlang:ports()]]).

%% Who opens waits; another one may use the port already.
asked_by_another() ->
    Me = self(),
    Pid = spawn(fun() -> P = open_port({spawn_driver, "driver_ack s"}, []), Me ! {self(), P} end),
    Q = find("driver_ack s"),
    show(waits, receive {Pid, _} -> no after 30 -> yes end),
    port_control(Q, 2, ""),
    show(begun, receive {Pid, P} -> P =:= Q end).

find(Name) ->
    case [P || P <- erlang:ports(), erlang:port_info(P, name) =:= {name, Name}] of
        [P] -> P;
        [] -> timer:sleep(1), find(Name)
    end.

together() ->
    Me = self(),
    Pids = [spawn_link(fun() ->
                               P = open_port({spawn_driver, "driver_ack o"}, []),
                               [port_command(P, "x") || _ <- lists:seq(1, 100)],
                               Me ! {self(), port_control(P, 1, "")},
                               port_close(P)
                       end) || _ <- lists:seq(1, 4)],
    Most = [receive {Pid, [Inside | _]} -> [Inside] end || Pid <- Pids],
    show(inside, Most),
    [receive {'EXIT', Pid, Why} -> Why end || Pid <- Pids].

mask({'EXIT', P, Why}) when is_port(P) -> {exit, Why};
mask(M) -> M.

show(What, Result) -> io:format("~p: ~p~n", [What, Result]).
