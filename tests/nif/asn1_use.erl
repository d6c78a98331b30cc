%% The native parts of OTP's asn1 and runtime_tools.
-module(asn1_use).
-export([main/0]).

main() ->
    io:setopts([{encoding, unicode}]),
    Terms = [{5, <<1, 2, 3>>}, {16, [{2, <<5>>}, {4, <<"text">>}]}, {262145, [{16, [{1, <<255>>}]}]}, {3, binary:copy(<<7>>, 300)}],
    [begin
         Encoded = asn1rt_nif:encode_ber_tlv(T),
         show({Encoded, asn1rt_nif:decode_ber_tlv(iolist_to_binary([Encoded, "rest"]))})
     end || T <- Terms],
    show([reason(catch asn1rt_nif:decode_ber_tlv(B)) || B <- [<<>>, <<16#30>>, <<16#30, 5, 1>>, <<2, 16#84, 255, 255, 255, 255>>, not_a_binary]]),
    show(asn1rt_nif:encode_per_complete([10, 1, 5, 20, 2, <<1, 2>>, 3])),
    show(catch reason(catch asn1rt_nif:encode_per_complete([a]))),
    show({dyntrace:available(), catch dyntrace:p(1, "two")}),
    io:format("~p~n", [public_key:der_decode('EcpkParameters', public_key:der_encode('EcpkParameters', {namedCurve, {1, 2, 840, 10045, 3, 1, 7}}))]).

reason({'EXIT', {R, [{M, F, A, _} | _]}}) -> {R, M, F, A};
reason(Other) -> Other.

show(T) -> io:format("~0tp~n", [T]).
