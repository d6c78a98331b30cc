%% Independent computations in eight processes.
-module(par_fib).
-export([main/0]).

main() ->
    bench:wall(fun() ->
        Main = self(),
        [spawn_link(fun() -> Main ! fib(29) end) || _ <- lists:seq(1, 8)],
        lists:sum([receive X -> X end || _ <- lists:seq(1, 8)])
    end, 4113832).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
