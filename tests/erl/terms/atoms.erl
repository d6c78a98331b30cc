%% Atom conversions and limits.
-module(atoms).
-export([main/0]).

main() ->
    io:format("~p ~p ~p~n", [list_to_atom("hello world"), 'åäö', list_to_atom([1234, 945])]),
    io:format("~w ~tp ~tw~n", ['åäö', list_to_atom([945]), list_to_atom([945])]),
    io:format("~p~n", [[atom_to_list(abc), atom_to_binary('å'), atom_to_binary('å', latin1), binary_to_atom(<<"x y">>)]]),
    io:format("~p~n", [[catch list_to_existing_atom("surely_this_does_not_exist_1"), list_to_existing_atom("main")]]),
    Ok = list_to_atom(lists:duplicate(255, $a)),
    io:format("~p~n", [length(atom_to_list(Ok))]),
    [try io:format("~p~n", [F()]) catch C:R -> io:format("~p ~P~n", [C, R, 5]) end
     || F <- [fun() -> list_to_atom(lists:duplicate(256, $a)) end, fun() -> list_to_atom([a]) end,
              fun() -> binary_to_atom(<<255>>, utf8) end, fun() -> atom_to_list("x") end,
              fun() -> list_to_atom([16#110000]) end]].
