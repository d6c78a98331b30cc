%% Line breaking of ~p for nested terms, maps, records, strings and binaries.
-module(pretty_printing).
-export([main/0]).

main() ->
    T = {config, [{name, "a fairly long string that goes on and on until the line is full and then some more"}, {bin, binary:copy(<<"0123456789">>, 12)}, {map, #{key => lists:seq(1, 40), {tuple, key} => <<1, 2, 3>>, "string key" => #{nested => #{deep => [a, b, c]}}}}]},
    io:format("~p~n", [T]),
    io:format("~30p~n", [T]),
    io:format("~p~n", [{T, T}]),
    io:format("~P~n", [T, 12]),
    io:format("~tp~n", [[<<"åäö"/utf8>>, "λx", 'λ', [229, 228]]]),
    io:format("~p~n", [[<<"åäö"/utf8>>, "λx", 'λ', [229, 228]]]),
    io:format("~lp~n", [["abc", [97, 98]]]),
    io:format("~lw ~w~n", ["abc", "abc"]).
