%% Who gives up its turn has not used what is left of its slice.
-module(unused_reductions).
-export([main/0]).

main() ->
    io:format("~p~n", [used(fun() -> [erlang:yield() || _ <- lists:seq(1, 100)] end) < 4000]),
    Me = self(),
    Asker = spawn(fun() -> [process_info(Me, links) || _ <- lists:seq(1, 100)], Me ! done end),
    io:format("~p ~p~n", [is_pid(Asker), used(fun() -> receive done -> ok end end) < 20000]),
    io:format("~p~n", [used(fun() -> erlang:bump_reductions(3000) end) >= 3000]),
    Large = binary:copy(<<0>>, 2000 * 1024),
    io:format("~p~n", [[used(F) >= N || {N, F} <- [{2000, fun() -> <<0:8, Large/binary>> end},
                                                   {4000, fun() -> <<0:8, Large/binary, Large/binary>> end},
                                                   {1000, fun() -> <<0:8, Large:(1000 * 1024)/binary>> end},
                                                   {2000, fun() -> <<Large/binary, 1>> end}]]]).

used(Fun) ->
    receive after 1 -> ok end,
    {reductions, Before} = process_info(self(), reductions),
    Fun(),
    {reductions, After} = process_info(self(), reductions),
    After - Before.
