%% OTP's random numbers: 58-bit shifts and masks in library code.
-module(rand_exsss).
-export([main/0]).

main() ->
    bench:cpu(fun() -> draw(400000, rand:seed_s(exsss, {1, 2, 3}), 0) end, 200113902).

draw(0, _, Acc) -> Acc;
draw(N, S, Acc) ->
    {X, S1} = rand:uniform_s(1000, S),
    draw(N - 1, S1, Acc + X).
