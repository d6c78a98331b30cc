%% Prepared modules that are to be made current twice at once: which.
-module(loaded_twice).
-export([main/0]).

main() ->
    Prepared = [begin
                    Forms = [{attribute, 1, module, M}],
                    {ok, M, Code} = compile:forms(Forms),
                    erlang:prepare_loading(M, Code)
                end || M <- [twice_one, twice_two]],
    {duplicated, Names} = erlang:finish_loading(Prepared ++ Prepared),
    io:format("~p~n", [lists:sort(Names)]),
    {duplicated, Again} = erlang:finish_loading([hd(Prepared) | Prepared]),
    io:format("~p ~p~n", [Again, erlang:finish_loading(Prepared)]).
