%% Functions are called while their module and its library are replaced again and again. Started by upgrades.
-module(upgrades_race).
-export([run/2]).

run(Code, Rounds) ->
    round(Code, 1),
    Stop = atomics:new(1, []),
    Callers = [spawn_monitor(fun() -> call(Stop, Kind, 0) end) || Kind <- [version, make, look, fun_of, make]],
    [round(Code, 1 + N rem 2) || N <- lists:seq(1, Rounds)],
    atomics:put(Stop, 1, 1),
    [receive {'DOWN', Ref, process, Pid, Why} -> Why end || {Pid, Ref} <- Callers].

round(Code, Version) ->
    code:purge(upgrades_code),
    persistent_term:put(upgrades, {"./upgrades_" ++ integer_to_list(Version), spawn(fun() -> receive stop -> ok after 10 -> ok end end)}),
    {module, upgrades_code} = code:load_binary(upgrades_code, "upgrades_code.beam", Code).

call(Stop, Kind, N) ->
    case atomics:get(Stop, 1) of
        1 -> exit({Kind, N > 0});
        0 -> one(Kind), call(Stop, Kind, N + 1)
    end.

one(version) -> [V, V | _] = upgrades_code:version();
one(make) -> true = is_reference(upgrades_code:make(5));
one(look) -> R = upgrades_code:make(7), case catch upgrades_code:look(R) of [7 | _] -> ok; {'EXIT', {badarg, _}} -> ok end;
one(fun_of) -> F = fun upgrades_code:version/0, [V, V | _] = F().
