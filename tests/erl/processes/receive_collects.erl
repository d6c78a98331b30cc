%% Collections while receive looks at messages that stay in the mailbox: they are whole afterwards.
-module(receive_collects).
-export([main/0]).

main() ->
    [self() ! {msg, N, lists:seq(1, 50), <<N:64, 0:800>>, {a, [N]}} || N <- lists:seq(1, 200)],
    io:format("~p~n", [loop(200, 0)]),
    [self() ! [N, #{n => N, b => <<N:8/unit:100>>}] || N <- lists:seq(1, 100)],
    io:format("~p~n", [pick(lists:seq(100, 1, -3), [])]),
    io:format("~p~n", [erlang:phash2(rest([]))]),
    io:format("~p~n", [raised()]).

%% Last message first: each match and each guard builds from parts of messages that stay.
loop(0, Sum) -> Sum;
loop(N, Sum) ->
    receive
        {msg, M, L, <<N:64, B/binary>>, {a, [M]}} when (M bsl 2000) > 5, byte_size(B) * (M bsl 2000) > 5, B > <<>> ->
            loop(N - 1, Sum + lists:sum(L) + M + byte_size(B))
    end.

pick([], Picked) -> erlang:phash2(Picked);
pick([N | Ns], Picked) ->
    receive
        [M, #{n := N, b := <<_:100, Rest/bits>>} = Map] when {M, N} =:= {N, M}, bit_size(Rest) bsl 100 > map_size(Map) ->
            pick(Ns, [{M, Rest} | Picked])
    end.

rest(Seen) ->
    receive M -> rest([M | Seen]) after 0 -> Seen end.

%% The guard fails, with an exception that is none; the message stays.
raised() ->
    self() ! {first, <<1:2000>>},
    self() ! {second, 2},
    R = receive {_, X} when X div 1 =:= 2, X bsl 3000 > 0 -> X end,
    {R, rest([])}.
