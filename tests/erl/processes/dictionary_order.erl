%% get/0, process_info/2 and get_keys/0 tell of the dictionary in the same order.
-module(dictionary_order).
-export([main/0]).

main() ->
    [io:format("~p~n", [same(N)]) || N <- [0, 1, 2, 7, 50, 1000]],
    Me = self(),
    {Pid, Ref} = spawn_monitor(fun() -> filled(20), Me ! filled, receive stop -> Me ! get() end end),
    receive filled -> ok end,
    {dictionary, Seen} = process_info(Pid, dictionary),
    Pid ! stop,
    io:format("~p~n", [receive Own -> Own =:= Seen end]),
    receive {'DOWN', Ref, _, _, Why} -> io:format("~p~n", [Why]) end.

same(N) ->
    filled(N),
    All = get(),
    {{dictionary, All} =:= process_info(self(), dictionary), [K || {K, _} <- All] =:= get_keys(), length(erase())}.

filled(N) ->
    [put(K, {K}) || K <- lists:seq(1, N)],
    [erase(K) || K <- lists:seq(1, N), K rem 3 =:= 0],
    [put({K}, K) || K <- lists:seq(1, N), K rem 3 =:= 0],
    ok.
