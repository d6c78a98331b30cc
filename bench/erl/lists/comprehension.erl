%% Pythagorean triples by nested generators with filters.
-module(comprehension).
-export([main/0]).

main() ->
    bench:cpu(fun() ->
        length([{A, B, C} || C <- lists:seq(1, 350), B <- lists:seq(1, C), A <- lists:seq(1, B), A * A + B * B =:= C * C])
    end, 251).
