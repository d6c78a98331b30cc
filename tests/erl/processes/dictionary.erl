%% The process dictionary.
-module(dictionary).
-export([main/0]).

main() ->
    io:format("~p~n", [[put(a, 1), put(a, 2), put({b}, x), get(a), get(nope), lists:sort(get()), lists:sort(get_keys()), get_keys(2), erase(a), erase(a), erase()]]),
    [put(I, I * I) || I <- lists:seq(1, 200)],
    io:format("~p ~p~n", [get(150), length(get())]),
    [erase(I) || I <- lists:seq(1, 199)],
    io:format("~p~n", [get()]),
    Self = self(),
    spawn(fun() -> Self ! {child, get()} end),
    io:format("~p~n", [receive {child, D} -> D end]).
