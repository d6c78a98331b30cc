%% Large binaries that come and go, parts of them that stay.
-module(shared_binaries).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(60000, [], 0) end, 15360013).

loop(0, Kept, Acc) -> Acc + length(Kept);
loop(N, Kept, Acc) ->
    B = binary:copy(<<N:32>>, 64),
    <<Head:16/binary, _/binary>> = B,
    Kept1 = case N rem 50 of 0 -> [Head]; _ when N band 3 =:= 0 -> [Head | Kept]; _ -> Kept end,
    loop(N - 1, Kept1, Acc + byte_size(B)).
