%% Packets of a made-up protocol: built, joined, taken apart again.
-module(packets).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(8, 0) end, 1728864000).

loop(0, Acc) -> Acc;
loop(N, Acc) ->
    Stream = iolist_to_binary([packet(I) || I <- lists:seq(1, 12000)]),
    loop(N - 1, Acc + parse(Stream, 0)).

packet(I) ->
    Payload = <<I:32, (I * 3):16/little, "payload">>,
    <<1:4, (I rem 16):4, I:24, (byte_size(Payload)):16, Payload/binary, (I band 255)>>.

parse(<<1:4, Type:4, Id:24, Size:16, Payload:Size/binary, Check, Rest/binary>>, Acc) when Check =:= Id band 255 ->
    <<Id:32, Low:16/little, "payload">> = Payload,
    parse(Rest, Acc + Type + Low);
parse(<<>>, Acc) -> Acc.
