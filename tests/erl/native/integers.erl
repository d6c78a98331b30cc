%% Arithmetic as machine code has it: each form with operands on both sides of every boundary, run often enough to be compiled.
-module(integers).
-export([main/0]).

values() ->
    [0, 1, -1, 2, 7, -8, 63, 64, 1 bsl 28, -(1 bsl 28), (1 bsl 31) - 1, 1 bsl 32, (1 bsl 59) - 1, 1 bsl 59, -(1 bsl 59), -(1 bsl 59) - 1, (1 bsl 60) - 1, 1 bsl 60,
     -(1 bsl 60), -(1 bsl 60) - 1, (1 bsl 63) - 1, 1 bsl 63, -(1 bsl 63), (1 bsl 64) - 1, 1 bsl 64, -(1 bsl 64), 1 bsl 70, -(1 bsl 130), 0.0, -0.0, 1.5, -2.5e100, 1.0e-300, a, [], {1}].

main() ->
    Two = [{plus, fun plus/2}, {minus, fun minus/2}, {times, fun times/2}, {quotient, fun quotient/2}, {remainder, fun remainder/2}, {conjunction, fun conjunction/2},
           {disjunction, fun disjunction/2}, {exclusive, fun exclusive/2}, {left, fun left/2}, {right, fun right/2}, {less, fun less/2}, {most, fun most/2}, {same, fun same/2},
           {other, fun other/2}, {equal, fun equal/2}, {unequal, fun unequal/2}, {said, fun said/2}, {chain, fun chain/2}, {narrow, fun narrow/2}, {mixed, fun mixed/2}, {back, fun back/2}],
    One = [{constants, fun constants/1}, {shifts, fun shifts/1}, {divisions, fun divisions/1}, {tests, fun tests/1}, {generator, fun generator/1}, {xorshift, fun xorshift/1}, {select, fun select/1}],
    %% What is printed comes from the last of three turns: by then all of it is machine code.
    [[{N, A, [try_it(F, [A, B]) || B <- values()]} || {N, F} <- Two, A <- values()] || _ <- [1, 2]],
    [io:format("~p ~p: ~p~n", [N, A, [try_it(F, [A, B]) || B <- values(), small_enough(N, B)]]) || {N, F} <- Two, A <- values()],
    [io:format("~p ~p: ~p~n", [N, A, lists:last([try_it(F, [A]) || _ <- lists:seq(1, 60)])]) || {N, F} <- One, A <- values()],
    ok.

small_enough(left, B) -> not is_integer(B) orelse abs(B) < 1000;
small_enough(right, B) -> not is_integer(B) orelse abs(B) < 1000;
small_enough(_, _) -> true.

try_it(F, Args) ->
    case small_enough_for(F, Args) of
        true -> try apply(F, Args) catch C:R -> {C, R} end;
        false -> skipped
    end.

%% Not 1 bsl (1 bsl 60).
small_enough_for(F, [_, B]) when is_integer(B), abs(B) > 1000 ->
    {name, N} = erlang:fun_info(F, name),
    N =/= left andalso N =/= right;
small_enough_for(_, _) -> true.

plus(A, B) -> A + B.
minus(A, B) -> A - B.
times(A, B) -> A * B.
quotient(A, B) -> A div B.
remainder(A, B) -> A rem B.
conjunction(A, B) -> A band B.
disjunction(A, B) -> A bor B.
exclusive(A, B) -> A bxor B.
left(A, B) -> A bsl B.
right(A, B) -> A bsr B.
less(A, B) when A < B -> yes;
less(_, _) -> no.
most(A, B) when A =< B -> yes;
most(_, _) -> no.
same(A, B) when A =:= B -> yes;
same(_, _) -> no.
other(A, B) when A =/= B -> yes;
other(_, _) -> no.
equal(A, B) when A == B -> yes;
equal(_, _) -> no.
unequal(A, B) when A /= B -> yes;
unequal(_, _) -> no.
said(A, B) -> {A =:= B, A < B, A >= B, A == B}.

%% What stands between is large; the result is not.
chain(A, B) -> (A * 6364136223846793005 + B) band 16#ffffffffffffffff.
narrow(A, B) -> ((A bsl 13) bxor (B * 5) + 12345678901234567890) band 16#3ffffff.
mixed(A, B) -> (A - B * A) band 16#7fffffffffffffff.
back(A, B) -> (A bor (B bsl 63)) band 16#8000000000000000.

constants(A) ->
    [try_it(F, [A]) || F <- [fun(X) -> X + 1 end, fun(X) -> X - 1 end, fun(X) -> 1 + X end, fun(X) -> 1 - X end, fun(X) -> X + 16#7ffffff end, fun(X) -> X - 16#123456789abc end,
                             fun(X) -> X * 3 end, fun(X) -> X * -1 end, fun(X) -> X * 0 end, fun(X) -> X band 255 end, fun(X) -> X band 16#ffffffffff end, fun(X) -> X band -256 end, fun(X) -> X bor 255 end,
                             fun(X) -> X bxor -1 end, fun(X) -> bnot X end, fun(X) -> -X end, fun(X) -> abs(X) end]].
shifts(A) ->
    [try_it(F, [A]) || F <- [fun(X) -> X bsl 0 end, fun(X) -> X bsl 1 end, fun(X) -> X bsl 31 end, fun(X) -> X bsl 59 end, fun(X) -> X bsl 60 end, fun(X) -> X bsl 64 end, fun(X) -> X bsl -3 end,
                             fun(X) -> X bsr 0 end, fun(X) -> X bsr 1 end, fun(X) -> X bsr 59 end, fun(X) -> X bsr 63 end, fun(X) -> X bsr 64 end, fun(X) -> X bsr 1000 end, fun(X) -> X bsr -3 end]].
divisions(A) ->
    [try_it(F, [A]) || F <- [fun(X) -> X div 1 end, fun(X) -> X rem 1 end, fun(X) -> X div 2 end, fun(X) -> X rem 2 end, fun(X) -> X div 1024 end, fun(X) -> X rem 1024 end, fun(X) -> X div 10 end,
                             fun(X) -> X rem 10 end, fun(X) -> X div -1 end, fun(X) -> X rem -1 end, fun(X) -> X div -7 end, fun(X) -> X rem -7 end, fun(X) -> X div 0 end, fun(X) -> X rem 0 end,
                             fun(X) -> X div (1 bsl 40) end, fun(X) -> X rem (1 bsl 40) end, fun(X) -> X / 3 end]].
tests(A) ->
    [if A < 10 -> 1; true -> 0 end, if 10 < A -> 1; true -> 0 end, if A >= 64 -> 1; true -> 0 end, if 64 >= A -> 1; true -> 0 end, if A =:= 7 -> 1; true -> 0 end, if A =/= 7 -> 1; true -> 0 end,
     if A == 1.5 -> 1; true -> 0 end, if A =:= 1.5 -> 1; true -> 0 end, if A < 1.5 -> 1; true -> 0 end, if 1.5 < A -> 1; true -> 0 end, if A < a -> 1; true -> 0 end, is_integer(A), is_float(A), is_number(A),
     if is_integer(A) -> integer; is_float(A) -> float; is_atom(A) -> atom; is_list(A) -> list; is_tuple(A) -> tuple end, if is_number(A), A > 0 -> positive; true -> no end].
generator(A) -> try_it(fun(X) -> (X * 25214903917 + 11) band ((1 bsl 48) - 1) end, [A]).
xorshift(A) ->
    try_it(fun(X0) ->
        X1 = X0 bxor ((X0 bsl 13) band 16#ffffffffffffffff),
        X2 = X1 bxor (X1 bsr 7),
        (X2 bxor (X2 bsl 17)) band 16#ffffffffffffffff
    end, [A]).

select(0) -> zero;
select(1) -> one;
select(2) -> two;
select(7) -> seven;
select(63) -> below;
select(64) -> at;
select(-8) -> negative;
select(a) -> atom;
select([]) -> nil;
select(1.5) -> float;
select(18446744073709551616) -> large;
select({_}) -> tuple;
select(X) when X > 5 -> more;
select(_) -> other.
