%% erlang:term_to_iovec/1,2: long binaries are pieces of their own, everything between is copied.
-module(term_to_iovec).
-export([main/0]).

main() ->
    B64 = binary:copy(<<"a">>, 64), B65 = binary:copy(<<"a">>, 65), B100 = binary:copy(<<"a">>, 100),
    <<_:8, Tail/binary>> = B100,
    <<_:3, Odd/bits>> = B100,
    <<Head:797/bits, _/bits>> = B100,
    <<_:80, Short:10/binary, _/binary>> = B100,
    F = fun(X) -> fun() -> {X, B100} end end,
    [show(T) || T <- [<<>>, <<1, 2, 3>>, B64, B65, B100, {a, B100, b}, [B100, B100], {Tail, x}, Odd, {Head, z}, Head, {Short, B100},
                      [B64, B65, B64, B65, B65, lists:seq(1, 1000)], binary:copy(<<"x">>, 100000), lists:seq(1, 100000),
                      [{B100, 1}, {B100, 2}], #{B100 => {B65}}, [B100 | B65], [[[B100]]], {F(B65), B65}, [F(1), F(B100) | B100]]],
    io:format("~p~n", [[byte_size(X) || X <- erlang:term_to_iovec(B100, [{compressed, 0}])]]),
    io:format("~p~n", [[byte_size(X) || X <- erlang:term_to_iovec({B100, a}, [{minor_version, 2}, deterministic])]]),
    [io:format("~p~n", [try erlang:term_to_iovec([], O) catch C:R:S -> {C, R, [{M, N, A} || {M, N, A, _} <- [hd(S)]]} end])
     || O <- [[], [{minor_version, 0}], [foo], foo, [{minor_version, 1} | x], [{minor_version, 3}], [{compressed, 10}]]],
    [io:format("~p~n", [catch_info(fun() -> ets:info(T, I) end)]) || T <- [nosuch, 1], I <- [binary, size, foo]].

show(T) ->
    Pieces = erlang:term_to_iovec(T),
    Whole = iolist_to_binary(Pieces),
    io:format("~p ~p ~p~n", [sizes(Pieces), Whole =:= term_to_binary(T), binary_to_term(Whole) =:= T]).

sizes(Pieces) ->
    case [byte_size(P) || P <- Pieces] of
        Sizes when length(Sizes) > 20 -> {length(Sizes), lists:sum(Sizes)};
        Sizes -> Sizes
    end.

catch_info(F) -> try F() catch C:R:S -> {C, R, [{M, N, A} || {M, N, A, _} <- lists:sublist(S, 2), N =/= '-main/0-fun-1-']} end.
