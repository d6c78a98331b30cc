%% What may not be loaded, and what is said then.
-module(loading).
-export([main/0, one/0, two/0, call/1]).

one() -> erlang:nif_error(none).
two() -> erlang:nif_error(none).

main() ->
    show(erlang:load_nif("./no_such_library", 0)),
    show(erlang:load_nif("no_such_library_anywhere", 0)),
    file:write_file("not_elf.so", "some text that is no library"),
    show(erlang:load_nif("./not_elf", 0)),
    [show({N, erlang:load_nif("./loading_" ++ integer_to_list(N), 0)}) || N <- lists:seq(1, 10)],
    show([reason(catch one()), reason(catch two())]),
    show([reason(catch erlang:load_nif(P, 0)) || P <- [atom, 17, [a], "a" ++ [0], {}, []]]),
    % A binary will do
    show(erlang:load_nif(<<"./loading_9">>, 0)),
    show(erlang:load_nif("./loading_11", 0)),
    show([one(), erlang:load_nif("./loading_11", 0)]),
    show(apply(?MODULE, call, ["./loading_11"])),
    show((fun erlang:load_nif/2)("./loading_11", 0)).

call(Path) -> erlang:load_nif(Path, 0).

reason({'EXIT', {R, [{M, F, A, _} | _]}}) -> {R, M, F, A};
reason(Other) -> Other.

show(T) -> io:format("~0tp~n", [T]).
