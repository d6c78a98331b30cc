%% Lists, numbers, atoms to binaries and back.
-module(conversion).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(60000, 0) end, 1803918894).

loop(0, Acc) -> Acc;
loop(N, Acc) ->
    List = [N band 255 | "some characters in a list"],
    B = list_to_binary(List),
    List = binary_to_list(B),
    Number = binary_to_integer(integer_to_binary(N)),
    Io = iolist_to_binary([B, [$a, "bcd" | B], integer_to_list(N)]),
    Atom = byte_size(atom_to_binary(binary_to_atom(<<"loop">>))),
    loop(N - 1, Acc + Number + byte_size(Io) + Atom).
