%% A throw caught near by, as early returns use it.
-module(throw_catch).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(800000, 0) end, 1200000).

loop(0, Acc) -> Acc;
loop(N, Acc) ->
    R = try check(N) catch throw:{found, X} -> X end,
    loop(N - 1, Acc + R).

check(N) when N band 1 =:= 0 -> throw({found, 2});
check(_) -> 1.
