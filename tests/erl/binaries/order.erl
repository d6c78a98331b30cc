%% The order of binaries: of every short length, differing at every place, on the heap, outside of it, as parts at any bit.
-module(order).
-export([main/0]).

main() ->
    Lengths = lists:seq(0, 20) ++ [63, 64, 65, 100],
    io:format("~p~n", [[erlang:phash2([order(A, B) || A <- changed(N), B <- changed(M)]) || N <- Lengths, M <- [N - 1, N, N + 1], M >= 0]]),
    Bins = [shift(B, S) || N <- [0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 33], B <- changed(N), S <- [0, 1, 8]],
    Sorted = lists:sort(Bins),
    io:format("~p ~p~n", [length(Bins), erlang:phash2(Sorted)]),
    io:format("~p~n", [lists:usort([part(<<1, 2, 3, 4, 5, 6, 7, 8, 9, 10>>, P, L) || P <- lists:seq(0, 9), L <- [0, 1, 2, 3, 12, 13, 32, 33]])]),
    io:format("~p~n", [lists:sort([<<>>, <<0:1>>, <<0>>, <<1:1>>, <<255>>, <<128>>, {}, [], #{}, "a", a, 1, <<0:7>>, <<1:7>>, <<0:9>>])]),
    io:format("~p~n", [[min(A, B) || {A, B} <- [{<<"a">>, <<"b">>}, {<<"ab">>, <<"a">>}, {<<>>, []}, {<<1:1>>, <<1>>}]]]).

%% A binary, and it with each of its bytes changed.
changed(N) ->
    B = << <<(X * 37)>> || X <- lists:seq(1, N) >>,
    [B | [<<(binary:part(B, 0, I))/binary, (binary:at(B, I) bxor 129), (binary:part(B, I + 1, N - I - 1))/binary>> || I <- lists:seq(0, N - 1)]].

order(A, B) when A < B -> 1;
order(A, B) when A == B -> 2;
order(A, B) when A > B -> 3.

shift(B, 0) -> B;
shift(B, S) ->
    Size = bit_size(B),
    <<_:S, C:Size/bits, _/bits>> = <<5:S, B/binary, 77>>,
    C.

part(B, P, L) ->
    case B of
        <<_:P/binary, C:L/bits, _/bits>> -> C;
        _ -> none
    end.
