%% Appending whole bytes, words and what is no whole byte, by code that has become machine code; values of all signs and sizes; two
%% continuations of one binary.
-module(append_whole).
-export([main/0]).

main() ->
    Numbers = lists:seq(1, 1000),
    show(bytes, lists:foldl(fun(N, Bin) -> <<Bin/binary, N>> end, <<>>, Numbers)),
    show(mixed, lists:foldl(fun(N, Bin) -> <<Bin/binary, N:16, (N * 7):32, (-N):64>> end, <<>>, Numbers)),
    show(two, lists:foldl(fun(N, Bin) -> <<Bin/bitstring, (N * 77777):16>> end, <<>>, Numbers)),
    show(eight_at_three_bits, lists:foldl(fun(N, Bin) -> <<Bin/bitstring, (N * 77777777):64>> end, <<1:3>>, Numbers)),
    show(four, lists:foldl(fun(N, Bin) -> <<Bin/binary, (-N * 77777777):32>> end, <<1>>, Numbers)),
    show(wide, lists:foldl(fun(N, Bin) -> <<Bin/binary, (1 bsl (N rem 70)):64>> end, <<1>>, Numbers)),
    show(forked, fork(<<>>, 300)),
    show(parts, parts(<<0:800>>, 300)),
    show(wrong, [catch append(B, I) || B <- [<<1, 2>>, <<3:5>>, x, 1.0], I <- [0, 255, 256, -1, y, 1 bsl 80]]).

show(Name, Term) -> io:format("~p ~p ~p~n", [Name, size_of(Term), erlang:phash2(Term)]).

size_of(B) when is_bitstring(B) -> bit_size(B);
size_of(L) -> [case E of {'EXIT', {Reason, _}} -> Reason; _ -> E end || E <- L].

fork(B, 0) -> B;
fork(B, N) ->
    _ = <<B/binary, 1:32>>,
    X = <<B/binary, (N + 9):16>>,
    Y = <<B/binary, 9:16>>,
    true = X =/= Y,
    fork(X, N - 1).

%% A part of what has grown grows itself: only where it ends with it may it do so in place.
parts(B, 0) -> B;
parts(B, N) ->
    <<_:3/binary, Tail/binary>> = <<B/binary, N:16>>,
    <<Head:50/binary, _/binary>> = Tail,
    <<_/binary>> = <<Head/binary, N>>,
    parts(<<Tail/binary, N, N>>, N - 1).

append(B, I) -> <<B/binary, I>>.
