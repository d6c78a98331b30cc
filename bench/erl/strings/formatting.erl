%% io_lib:format as loggers use it, and terms printed with ~p.
-module(formatting).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(6000, 0) end, 561786).

loop(0, Acc) -> Acc;
loop(N, Acc) ->
    A = io_lib:format("~s: ~p ~w ~5.2f ~4..0B~n", ["name", {ok, N, [1, 2, 3]}, foo, N / 7, N rem 1000]),
    B = io_lib:format("~p", [#{id => N, tags => [a, b, <<"binary">>], text => "text"}]),
    loop(N - 1, Acc + iolist_size(A) + iolist_size(B)).
