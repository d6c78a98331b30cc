%% What versions 2.17 and 2.18 of the interface have more, which the installed OTP has not: utf8.expected has the output.
-module(utf8).
-export([main/0]).
-on_load(init/0).

init() -> erlang:load_nif("./utf8", 0).

look(_) -> erlang:nif_error(none).
set() -> erlang:nif_error(none).
bad_string() -> erlang:nif_error(none).
size_of(_) -> erlang:nif_error(none).
cached(_) -> erlang:nif_error(none).

main() ->
    io:setopts([{encoding, unicode}]),
    [io:format("~0tp~n", [look(B)]) || B <- [<<"plain">>, <<>>, <<"åä"/utf8>>, <<"x€y"/utf8>>, <<"日本"/utf8>>, <<255, 254>>, binary:copy(<<"é"/utf8>>, 300)]],
    {'EXIT', {badarg, [{utf8, bad_string, [], _} | _]}} = (catch bad_string()),
    io:format("~p~n", [set()]),
    L = lists:seq(1, 10),
    io:format("~p~n", [[size_of(T) || T <- [1, a, [], [1], {1, 2}, "abc", 1 bsl 64, 1 bsl 200, self(), {L, L}]]]),
    io:format("~p~n", [[cached(T) || T <- [a, '', list_to_atom("new " ++ os:getpid()), 1, "a"]]]).
