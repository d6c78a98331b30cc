%% Who has a high priority and asks a process for something does not wait until those between the two have nothing to do.
-module(lent_priority).
-export([main/0]).

main() ->
    process_flag(priority, max),
    Asked = [spawn_opt(fun() -> receive stop -> ok end end, [{priority, P}, monitor]) || P <- [low, normal, high]],
    Running = spawn_opt(fun loop/0, [{priority, low}, monitor]),
    Busy = [spawn_opt(fun loop/0, [{priority, high}, {scheduler, N}, monitor])
            || N <- lists:seq(1, erlang:system_info(schedulers))],
    receive after 50 -> ok end,
    Answers = [begin
                   true = is_process_alive(P),
                   demonitor(monitor(process, P)),
                   true = group_leader(whereis(init), P),
                   [process_info(P, group_leader) =:= {group_leader, whereis(init)}, garbage_collect(P), check_process_code(P, nothing)]
               end || {P, _} <- Asked ++ [Running]],
    Ended = [begin
                 exit(P, bang),
                 Outcome = try group_leader(self(), P) catch error:badarg -> badarg end,
                 {Outcome, ended(M)}
             end || {P, M} <- Asked],
    [exit(P, kill) || {P, _} <- [Running | Busy]],
    io:format("~p~n~p~n~p~n", [Answers, Ended, lists:usort([ended(M) || {_, M} <- [Running | Busy]])]).

loop() -> loop().

ended(M) -> receive {'DOWN', M, _, _, Why} -> Why end.
