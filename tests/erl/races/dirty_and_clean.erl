%% Processes inside BIFs on dirty threads get messages, are asked, linked and killed; schedulers go on.
-module(dirty_and_clean).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    Me = self(),
    Kinds = [fun() -> erts_debug:dirty_io(wait, 2) end, fun() -> erts_debug:dirty_cpu(wait, 2) end,
             fun() -> erts_debug:dirty_io(scheduler, type) end, fun() -> erts_debug:dirty_cpu(scheduler, type) end],
    %% All of them live through it.
    Workers = [spawn_link(fun() -> work(Kinds, N, 30), Me ! {done, self()} end) || N <- lists:seq(1, 8)],
    Meddlers = [spawn_link(fun() -> meddle(Workers, Kind, 0) end) || Kind <- [send, info, collect, monitor, time]],
    [receive {done, W} -> ok end || W <- Workers],
    io:format("~w~n", [lists:usort([receive {'EXIT', W, Why} -> Why end || W <- Workers])]),
    [begin exit(M, kill), receive {'EXIT', M, Why} -> io:format("~w ", [Why]) end end || M <- Meddlers],
    io:nl(),
    %% None of these does.
    Doomed = [begin
                  P = spawn_link(fun() -> catch register(doomed, self()), T = ets:new(t, [public]), ets:insert(T, {1, 2}), work(Kinds, N, 1000000) end),
                  {P, monitor(process, P)}
              end || N <- lists:seq(1, 16)],
    receive after 10 -> ok end,
    [exit(P, because) || {P, _} <- Doomed],
    io:format("~w~n", [lists:usort([receive {'DOWN', R, _, P, Why} -> Why end || {P, R} <- Doomed])]),
    io:format("~w~n", [lists:usort([receive {'EXIT', P, Why} -> Why end || {P, _} <- Doomed])]),
    io:format("~w~n", [[whereis(doomed), [T || T <- ets:all(), lists:member(ets:info(T, owner), [P || {P, _} <- Doomed])]]]).

work(_, _, 0) -> ok;
work(Kinds, N, Left) ->
    (lists:nth(1 + (N + Left) rem 4, Kinds))(),
    drain(),
    work(Kinds, N, Left - 1).

drain() -> receive _ -> drain() after 0 -> ok end.

meddle(Workers, Kind, N) ->
    Worker = lists:nth(1 + N rem length(Workers), Workers),
    case Kind of
        send -> Worker ! {hello, lists:seq(1, N rem 50)};
        info -> process_info(Worker, [status, memory, current_function, message_queue_len]);
        collect -> garbage_collect(Worker);
        monitor -> demonitor(monitor(process, Worker), [flush]);
        time -> erlang:send_after(1, Worker, late)
    end,
    receive after 1 -> ok end,
    meddle(Workers, Kind, N + 1).
