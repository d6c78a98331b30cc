%% New versions of a module, each with a library: what becomes of data, resource types and resources; what purging does.
-module(upgrades).
-export([main/0]).

main() ->
    {ok, upgrades_code, Code} = {ok, upgrades_code, element(2, file:read_file("upgrades_code.beam"))},
    load(Code, 1),
    show([upgrades_code:version(), upgrades_code:version()]),
    A = upgrades_code:make(10),
    show(upgrades_code:look(A)),
    Keeper = spawn(upgrades_code, keep, [self()]),
    Keeper ! go,
    show(receive K -> K end),
    load(Code, 2),
    show([upgrades_code:version(), upgrades_code:look(A)]),
    Keeper ! go,
    show(receive L -> L end),
    Keeper ! {load, "./upgrades_1"},
    show(receive M -> M end),
    show(erlang:check_process_code(Keeper, upgrades_code)),
    Keeper ! again,
    show(code:soft_purge(upgrades_code)),
    show(messages()),
    Keeper ! go,
    show(receive N -> N end),
    B = upgrades_code:make(20),
    show(upgrades_code:look(B)),
    forget(A),
    % Cannot be upgraded to, and will not be
    exit(Keeper, kill),
    load(Code, 3),
    show(reason(catch upgrades_code:version())),
    code:purge(upgrades_code),
    load(Code, 4),
    show([reason(catch upgrades_code:version()), reason(catch upgrades_code:look(B))]),
    show(messages()),
    code:purge(upgrades_code),
    show(messages()),
    code:delete(upgrades_code),
    code:purge(upgrades_code),
    show(messages()),
    % The library stays as long as its resource
    show(is_reference(B)),
    forget(B),
    load(Code, 1),
    show(upgrades_code:version()),
    code:delete(upgrades_code),
    show(code:purge(upgrades_code)),
    show(messages()),
    % One that refuses does not stay in memory
    load(Code, 1), load(Code, 4), load(Code, 1), load(Code, 4),
    code:purge(upgrades_code),
    code:delete(upgrades_code),
    code:purge(upgrades_code),
    show(messages()),
    % After one that has been deleted
    load(Code, 1),
    code:delete(upgrades_code),
    load(Code, 2),
    show(upgrades_code:version()),
    code:purge(upgrades_code),
    code:delete(upgrades_code),
    code:purge(upgrades_code),
    show(messages()),
    show(upgrades_race:run(Code, 8)).

load(Code, Version) ->
    persistent_term:put(upgrades, {"./upgrades_" ++ integer_to_list(Version), self()}),
    show({load, Version, code:load_binary(upgrades_code, "upgrades_code.beam", Code)}),
    show(messages()).

%% The last reference to it goes in another process.
forget(R) ->
    {P, Ref} = spawn_monitor(fun() -> receive _ -> ok end end),
    P ! R,
    receive {'DOWN', Ref, process, P, _} -> ok end,
    erlang:garbage_collect(),
    show({forgotten, messages()}).

messages() -> receive M -> [M | messages()] after 100 -> [] end.

reason({'EXIT', {R, [{M, F, A, _} | _]}}) -> {R, M, F, length(A)};    % a copy of the arguments in another process would keep a resource
reason(Other) -> Other.

show(T) -> io:format("~0tp~n", [T]).
