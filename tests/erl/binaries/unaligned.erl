%% Sub-binaries at bit offsets: compare, concatenate, print, hash.
-module(unaligned).
-export([main/0]).

main() ->
    <<_:3, A/bits>> = id(<<16#ff, 16#00, 16#aa, 16#55>>),
    <<_:5, B:16/bits, _/bits>> = id(<<16#12, 16#34, 16#56>>),
    io:format("~w ~p ~p~n", [A, bit_size(A), byte_size(A)]),
    io:format("~w ~p~n", [B, B =:= <<16#46, 16#8a>>]),
    io:format("~w~n", [<<A/bits, B/bits, 1:1>>]),
    io:format("~p~n", [erlang:phash2(B) =:= erlang:phash2(<<16#46, 16#8a>>)]),
    io:format("~p~n", [#{B => 1} =:= #{<<16#46, 16#8a>> => 1}]),
    io:format("~w~n", [[binary_to_list(B), bitstring_to_list(A), list_to_bitstring([<<1:1>>, 255, <<3:2>>])]]),
    io:format("~p~n", [lists:sort([<<1:1>>, <<1>>, <<0:2>>, <<>>, <<1:3>>, <<128, 0:1>>])]),
    io:format("~w~n", [binary:split(<<0:1, "a,b,c", 0:7>>, <<",">>, [global])]).

id(X) -> X.
