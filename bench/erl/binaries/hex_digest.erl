%% md5, crc32 and hashes of many short messages, in hexadecimal.
-module(hex_digest).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(60000, <<>>, 0) end, {1178962513,32}).

loop(0, Last, Acc) -> {Acc, byte_size(Last)};
loop(N, Last, Acc) ->
    Digest = erlang:md5([Last, integer_to_binary(N)]),
    Hex = binary:encode_hex(Digest),
    loop(N - 1, Hex, Acc bxor erlang:crc32(Hex) bxor erlang:phash2(Hex)).
