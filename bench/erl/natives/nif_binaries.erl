%% Short binaries, and parts of a long one, that a native function looks into.
-module(nif_binaries).
-export([main/0]).

main() ->
    Long = binary:copy(<<1, 2, 3, 4>>, 1000),
    bench:cpu(fun() -> loop(Long, 0, 300000) end, 300000 * (10 + 10)).

loop(_, Sum, 0) -> Sum;
loop(<<_:80, Part:4/binary, _/binary>> = Long, Sum, Rounds) ->
    loop(Long, Sum + bench_nif:sum(<<1, 2, 3, 4>>) + bench_nif:sum(Part), Rounds - 1).
