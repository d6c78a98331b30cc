%% Rows of float operations in which something is infinite or divides by zero: the first that fails raises, on its own line, with what it has.
%% The same floats again behind branches, in loops, after more registers than the machine has, in what fails late.
-module(float_chains).
-export([main/0, joined/2, late/3, row/4, wide/1, back/2, mandel/5, zeros/2, mixed/2, guarded/2, kept/3, loop/3, reused/2]).

main() ->
    Big = big(),
    Numbers = [0.0, -0.0, 1.0, -1.5, 3.0e-310, Big, -Big, 1.0e200, 1.0e-200, 12345.678],
    every(late, [[A, B, C] || A <- Numbers, B <- Numbers, C <- Numbers]),
    every(row, [[A, B, C, D] || A <- Numbers, B <- Numbers, C <- [0.0, 2.0, Big], D <- [0.0, Big]]),
    every(wide, [[A] || A <- Numbers]),
    every(back, [[A, B] || A <- Numbers, B <- Numbers]),
    every(mandel, [[N, 0.0, 0.0, A, B] || N <- [0, 1, 200], A <- Numbers, B <- [0.0, 0.2]]),
    every(zeros, [[A, B] || A <- Numbers, B <- Numbers]),
    every(mixed, [[A, B] || A <- [3, 1 bsl 70, 1 bsl 1100, x | Numbers], B <- [0, 2 | Numbers]]),
    every(guarded, [[A, B] || A <- [3, x | Numbers], B <- [0, 2 | Numbers]]),
    every(kept, [[A, B, C] || A <- Numbers, B <- Numbers, C <- [0.0, 2.0, Big]]),
    every(loop, [[50, A, B] || A <- Numbers, B <- Numbers]),
    every(joined, [[A, N] || A <- Numbers, N <- [1, 5, 7, 9, 10, 12]]),
    every(reused, [[A, B] || A <- Numbers, B <- Numbers]).

big() -> binary_to_term(term_to_binary(1.7976931348623157e308)).

every(F, Arguments) ->
    Results = [attempt(F, As) || As <- Arguments],
    io:format("~p ~p ~p~n", [F, length(Results), erlang:phash2(Results)]),
    [io:format("  ~p ~p~n", [As, R]) || {As, R} <- lists:zip(Arguments, Results), erlang:phash2({F, As}) rem 16 =:= 0].

attempt(F, As) ->
    try
        apply(?MODULE, F, As)
    catch
        C:R:Stack ->
            [{_, Function, _, Where} | _] = Stack,
            {C, R, Function, proplists:get_value(line, Where)}
    end.

%% Only the last of a row is tested; it may be finite where one before was not.
late(A, B, C) when is_float(A), is_float(B), is_float(C) ->
    P = A * B,
    Q =
        P
        + C,
    R =
        1.0
        / Q,
    S =
        R
        * A,
    {S, B}.

row(A, B, C, D) when is_float(A), is_float(B), is_float(C), is_float(D) ->
    X =
        A * A -
            B * B,
    Y =
        X * C /
            (D +
                 1.0),
    Z =
        C /
            (X * Y),
    {X, Y, Z, A, B}.

%% More than the machine has registers for.
wide(A) when is_float(A) ->
    (A + 1.0) * ((A + 2.0) * ((A + 3.0) * ((A + 4.0) * ((A + 5.0) * ((A + 6.0) * ((A + 7.0) *
    ((A + 8.0) * ((A + 9.0) * ((A + 10.0) * (A - 11.0)))))))))).

%% What has been used up is used again on both sides of a branch.
back(A, B) when is_float(A), is_float(B) ->
    X = A * A,
    Y = B * B,
    if
        X + Y > 4.0 -> {A * B, X - Y, A, B};
        X > Y -> {A + B, X, Y};
        true -> {B - A, Y * X, A + A}
    end.

mandel(0, X, Y, _, _) -> {X, Y};
mandel(N, X, Y, CX, CY) ->
    X2 = X * X,
    Y2 = Y * Y,
    if
        X2 + Y2 > 1.0e300 -> {N, X, Y};
        true -> mandel(N - 1, X2 - Y2 + CX, 2.0 * X * Y + CY, CX, CY)
    end.

zeros(A, B) when is_float(A), is_float(B) ->
    Z = A * 0.0,
    W = -(Z + B),
    V = W * Z,
    {Z, W, V, A / (1.0 + Z * Z), -A, -Z}.

%% Integers among them, and what is no number.
mixed(A, B) ->
    X = A * 1.5,
    Y = X + B,
    Z = Y / B,
    {X, Y, Z, X + A, Z * A}.

guarded(A, B) when A * 2.0 + B > 3.0 -> {above, A + 0.5, B + 0.5};
guarded(A, B) when A / B < 1.0; B - A < 0.0 -> {below, A * 1.0, B};
guarded(A, B) -> {neither, A, B}.

kept(A, B, C) when is_float(A), is_float(B), is_float(C) ->
    X = A + B,
    self() ! X,
    receive X -> ok end,
    Y = X * C,
    Z = X * A * B * C,
    T = {X, Y},
    {T, Z - X, X + Y, A - C}.

loop(0, A, B) -> {A, B};
loop(N, A, B) when is_float(A), is_float(B) ->
    C = (A + B) * 0.5,
    D = A * B / (abs(C) + 1.0),
    case N rem 3 of
        0 -> loop(N - 1, C, D);
        1 -> loop(N - 1, D, A);
        2 -> loop(N - 1, C - D, B)
    end.

%% Two ways lead to where A's register is used again: one on which it still is A, and one behind something that does not go on.
joined(A, N) when is_float(A), is_integer(N) ->
    Y = A * 2.0,
    Z =
        if
            N < 10 ->
                if
                    N < 5 -> throw(low);
                    true -> (N * 6364136223846793005 + 1) band 16#ffff
                end;
            true -> A
        end,
    Z * 1.5 + Y.

reused(A, B) when is_float(A), is_float(B) ->
    C = A + B,
    D = C * C,
    E = D * D * D,
    F = E / D / D,
    G = A - F,
    try G / (A - A) of
        H -> H
    catch
        error:badarith -> {C, D, E, F, G, A * 2.0, B * 2.0}
    end.
