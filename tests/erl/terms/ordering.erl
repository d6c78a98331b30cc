%% The total order of terms, == and =:=.
-module(ordering).
-export([main/0]).

main() ->
    F = fun() -> ok end,
    L = [1, 1.0, 2, -5, 1 bsl 70, -(1 bsl 70), 1.0e10, a, b, 'A', '', {}, {1}, {1, 2}, {0, 0, 0}, [], [1], [1, 2], [a | b],
         <<>>, <<1>>, <<1, 2>>, <<1:3>>, "abc", #{}, #{a => 1}, #{b => 1}, #{1 => x}, #{1.0 => x}, #{a => 1, b => 2}, {1.0}, [1.0]],
    io:format("~p~n", [lists:sort(L)]),
    io:format("~p~n", [lists:usort(L)]),
    [io:format("~p ~p ~p~n", [A, B, [A < B, A =< B, A > B, A >= B, A == B, A /= B, A =:= B, A =/= B]])
     || A <- [1, 1.0, a, {}, [], <<>>, #{}], B <- [1, 1.0, b, {}, [], <<>>, #{}]],
    io:format("~p~n", [[1 < F, a < F, F < {}, F < self(), self() < {}, make_ref() < F, F == F]]),
    io:format("~p~n", [[0.0 == -0.0, 0.0 =:= -0.0, 9007199254740993 == 9007199254740992.0, 9007199254740993 > 9007199254740992.0]]).
