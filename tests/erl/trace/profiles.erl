%% erlang:system_profile of ports and schedulers: how often they are told of is not the same, but each is active and inactive by turns.
-module(profiles).
-export([main/0]).

main() ->
    Me = self(),
    [begin erlang:system_profile(Me, O), io:format("~p~n", [element(2, erlang:system_profile())]) end ||
        O <- [[scheduler, exclusive, runnable_ports, runnable_procs], [scheduler], [exclusive, runnable_ports]]],
    erlang:system_profile(undefined, []),
    flush(),
    Collector = spawn(fun() -> collect([]) end),
    ports(Collector),
    schedulers(Collector),
    io:format("~p~n", [erlang:system_profile()]).

ports(Collector) ->
    erlang:system_profile(Collector, [runnable_ports]),
    Port = open_port({spawn, "cat"}, []),
    port_command(Port, "text"),
    receive {Port, {data, _}} -> ok end,
    port_close(Port),
    erlang:system_profile(undefined, []),
    States = [S || {profile, P, S, 0, {_, _, _}} <- events(Collector), P =:= Port],
    io:format("ports ~p~n", [{length(States) >= 2, hd(States), alternate(States)}]).

schedulers(Collector) ->
    erlang:system_profile(Collector, [scheduler, monotonic_timestamp]),
    [timer:sleep(20) || _ <- lists:seq(1, 5)],
    erlang:system_profile(undefined, []),
    Events = events(Collector),
    N = erlang:system_info(schedulers),
    io:format("schedulers ~p~n", [{length(Events) >= 2,
        lists:all(fun({profile, scheduler, Id, _, Active, Time}) -> Id >= 1 andalso Id =< N andalso Active >= 0 andalso Active =< N andalso is_integer(Time) end, Events),
        [Id || Id <- lists:seq(1, N), not alternate([S || {profile, scheduler, I, S, _, _} <- Events, I =:= Id])]}]).

alternate([A, A | _]) -> false;
alternate([A | T]) when A =:= active; A =:= inactive -> alternate(T);
alternate([]) -> true.

events(Collector) -> timer:sleep(50), Collector ! {take, self()}, receive {events, L} -> L end.
collect(L) -> receive {take, P} -> P ! {events, lists:reverse(L)}, collect([]); E -> collect([E | L]) end.
flush() -> receive _ -> flush() after 0 -> ok end.
