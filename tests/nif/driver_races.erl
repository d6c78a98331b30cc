%% Many processes load, use and unload one driver at the same time, some of which end in the middle; and many use one port.
-module(driver_races).
-export([main/0]).

-define(D, driver_loading_0).

main() ->
    process_flag(trap_exit, true),
    [begin
         Pids = [spawn_link(fun() -> rand:seed(exsss, {Round, N, 1}), worker(Load, 30) end) || N <- lists:seq(1, 8)],
         show({Load, ends}, lists:usort([receive {'EXIT', Pid, Why} -> Why end || Pid <- Pids])),
         Ref = erl_ddll:monitor(driver, {?D, unloaded_only}),
         show(unloaded, receive {'DOWN', Ref, driver, _, unloaded} -> ok after 2000 -> erl_ddll:info(?D) end)
     end || {Round, Load} <- [{1, load}, {2, load_driver}, {3, load}]],
    show(ports, [P || P <- erlang:ports(), erlang:port_info(P, name) =:= {name, "driver_loading_0"}]),
    one_port().

worker(_, 0) -> ok;
worker(Load, N) ->
    process_flag(trap_exit, true),
    Options = [{driver_options, [kill_ports || Load =:= load_driver]}],
    case erl_ddll:try_load(".", ?D, Options) of
        {ok, _} -> ok;
        {ok, pending_driver, _} -> ok
    end,
    case catch open_port({spawn_driver, ?D}, []) of
        P when is_port(P) ->
            catch port_command(P, "data"),
            receive
                {P, {data, "data"}} -> ok;
                {'EXIT', P, driver_unloaded} -> ok
            end,
            N rem 3 =:= 0 andalso erl_ddll:try_unload(?D, []),
            catch port_close(P);
        {'EXIT', {badarg, _}} -> ok
    end,
    case rand:uniform(4) of
        1 -> erl_ddll:try_unload(?D, [kill_ports]);
        2 -> erl_ddll:try_unload(?D, [{monitor, pending}]);
        3 -> erl_ddll:try_unload(?D, []);
        4 when N < 5 -> exit(ended);
        4 -> erl_ddll:demonitor(erl_ddll:monitor(driver, {?D, unloaded}))
    end,
    case rand:uniform(10) of
        1 -> erl_ddll:try_load(".", ?D, [{reload, pending} | Options]);
        2 -> erl_ddll:info(), erl_ddll:loaded_drivers();
        _ -> ok
    end,
    worker(Load, N - 1).

one_port() ->
    ok = erl_ddll:load(".", ?D),
    P = open_port({spawn_driver, ?D}, []),
    Pids = [spawn_link(fun() -> [port_command(P, integer_to_list(N)) || _ <- lists:seq(1, 1000)] end) || N <- lists:seq(1, 4)],
    [receive {'EXIT', Pid, normal} -> ok end || Pid <- Pids],
    show(commands, maps:to_list(count(P, #{}, 4000))),
    port_close(P),
    show(unload, erl_ddll:unload(?D)).

count(_, Counts, 0) -> Counts;
count(P, Counts, N) -> receive {P, {data, D}} -> count(P, maps:update_with(D, fun(X) -> X + 1 end, 1, Counts), N - 1) end.

show(What, Result) -> io:format("~p: ~p~n", [What, Result]).
