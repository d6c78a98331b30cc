%% rand with a seed gives the same numbers.
-module(rand_seeded).
-export([main/0]).

main() ->
    [begin
         rand:seed(Alg, {1, 2, 3}),
         io:format("~p ~p ~p ~p~n", [Alg, [rand:uniform(1000000) || _ <- lists:seq(1, 5)], rand:uniform(), rand:normal()])
     end || Alg <- [exsss, exro928ss, exrop, exsp, exs1024s, exs64]],
    S = rand:seed_s(exsss, 42),
    {X, S2} = rand:uniform_s(100, S),
    {B, _} = rand:bytes_s(8, S2),
    io:format("~p ~w~n", [X, B]),
    {Y, _} = rand:uniform_s(1 bsl 100, rand:jump(S2)),
    io:format("~p~n", [Y]).
