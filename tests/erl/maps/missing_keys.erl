%% Which of several missing keys an update tells: the first in the order of keys in maps, whatever their order in the source.
-module(missing_keys).
-export([main/0]).

main() ->
    Keys = [a, zz, b, true, undefined, lists, 1, 2, 10, -1, 0, 1.5, 2.5, "ab", {1,2}, <<1>>, [], [1], 100000000000000000000, 42, 42.0],
    Pairs = [[A, B] || A <- Keys, B <- Keys, A =/= B],
    Triples = [[A, B, C] || A <- [1.5, 2, b, {1, 2}], B <- [1, 2.5, a, "ab"], C <- [0, c, 3.0]],
    Updates = lists:zip(lists:seq(1, length(Pairs ++ Triples)), Pairs ++ Triples),
    Forms = [{attribute, 1, module, updates}, {attribute, 1, compile, [export_all, nowarn_export_all]} |
             [function(I, Update) || {I, Update} <- Updates]],
    {ok, updates, Code} = compile:forms(Forms),
    {module, updates} = code:load_binary(updates, "updates", Code),
    [io:format("~w ~w ~w~n", [Update, missing(I, #{}), missing(I, maps:from_list([{N, N} || N <- lists:seq(1000, 1050)]))])
     || {I, Update} <- Updates],
    [io:format("~w ~w~n", [X, catch element(1, element(2, catch variable(#{}, X)))]) || X <- [0, 0.5, a, z, "s"]].

missing(I, Map) ->
    try updates:(name(I))(Map) catch error:{badkey, Key} -> Key end.

name(I) -> list_to_atom("update" ++ integer_to_list(I)).

function(I, Keys) ->
    Fields = [{map_field_exact, 1, erl_parse:abstract(Key, 1), {atom, 1, x}} || Key <- Keys],
    {function, 1, name(I), 1, [{clause, 1, [{var, 1, 'Map'}], [], [{map, 1, {var, 1, 'Map'}, Fields}]}]}.

variable(Map, X) -> Map#{b := 1, X := 2, 1 := 3, 1.0 := 4}.
