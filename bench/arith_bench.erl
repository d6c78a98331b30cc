%% The counterpart of arith_bench.cpp on erl: erlc arith_bench.erl && erl -noshell -run arith_bench main -s init stop
-module(arith_bench).
-export([main/0, random/1]).

main() ->
    [row(Name, Bits, F) || {Name, Sizes, Make} <- operations(), Bits <- Sizes, F <- [Make(Bits)]].

operations() ->
    Sizes = [48, 64, 1024, 16384, 102400],
    [{add, Sizes, fun(N) -> A = random(N), B = random(N), fun() -> A + B end end},
     {'bxor', Sizes, fun(N) -> A = random(N), B = random(N), fun() -> A bxor B end end},
     {multiply, Sizes, fun(N) -> A = random(N), B = random(N), fun() -> A * B end end},
     {divide, [24 | tl(Sizes)], fun(N) -> A = random(2 * N), B = random(N), fun() -> A div B end end},
     {remainder, [64, 1024], fun(N) -> A = random(2 * N), B = random(N), fun() -> A rem B end end},
     {to_text, Sizes, fun(N) -> A = random(N), fun() -> integer_to_binary(A) end end},
     {from_text, Sizes, fun(N) -> A = integer_to_binary(random(N)), fun() -> binary_to_integer(A) end end}].

random(Bits) -> (rand:uniform(1 bsl (Bits - 1)) - 1) bor (1 bsl (Bits - 1)).

row(Name, Bits, F) ->
    {Once, _} = timer:tc(fun() -> loop(F, 3) end),
    Count = max(3, min(2000000, 600000 div max(1, Once))),
    {Us, _} = timer:tc(fun() -> loop(F, Count) end),
    {Empty, _} = timer:tc(fun() -> loop(fun() -> ok end, Count) end),
    io:format("~s/~w: ~.1f ns~n", [Name, Bits, (Us - Empty) * 1000 / Count]).

loop(_, 0) -> ok;
loop(F, N) -> F(), loop(F, N - 1).
