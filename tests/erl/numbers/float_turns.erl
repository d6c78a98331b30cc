%% Loops that hand floats to their next turn: kept, exchanged, dropped, turned into integers, ended by errors, traced, replaced, preempted.
-module(float_turns).
-export([main/0, traced/3]).

main() ->
    Starts = [{1.0, 2.0}, {0.0, -0.0}, {-0.0, 0.0}, {1.0e300, 1.0e-300}, {5.0e-324, 1.5}, {1, 2.0}, {1.0, 2}, {3, 4}, {1 bsl 70, 1.0}, {a, 1.0}, {1.0, <<>>}],
    Loops = [fun keep/3, fun exchange/3, fun three/3, fun mixed/3, fun grow/3, fun shrink/3, fun two_ways/3, fun guarded/3, fun ints/3, fun listed/3, fun late/3, fun deep/3, fun mapped/3, fun applied/3, fun bits/3],
    [io:format("~p~n", [[attempt(fun() -> F(N, A, B) end) || N <- [0, 1, 2, 3, 60, 61]]]) || F <- Loops, {A, B} <- Starts],
    io:format("~p~n", [[attempt(fun() -> F(20000, 1.0, 0.5) end) || F <- [fun keep/3, fun exchange/3, fun mixed/3, fun two_ways/3, fun late/3]]]),
    io:format("~p~n", [iterate(-0.4, 0.6, 0.0, 0.0, 0)]),
    io:format("~p~n", [[iterate(X / 7, Y / 5, 0.0, 0.0, 0) || X <- lists:seq(-14, 7), Y <- lists:seq(-5, 5)]]),
    io:format("~p~n", [watch()]),
    io:format("~p~n", [[sum_list(L, 0.0) || L <- [[], [1.0], lists:seq(1, 100), [1.5 | lists:seq(1, 70)], [1.0, 2, 1 bsl 80, 3.0], [I / 3 || I <- lists:seq(1, 200)]]]]),
    io:format("~p~n", [attempt(fun() -> sum_list([1.0, 2.0, x], 0.0) end)]),
    io:format("~p~n", [attempt(fun() -> sum_list([1.7e308, 1.7e308, 1.0], 1.0) end)]).

attempt(F) ->
    try F()
    catch C:R:S -> {C, R, [{M, Fun, A} || {M, Fun, A, _} <- lists:sublist(S, 1)]}
    end.

keep(0, A, B) -> {A, B};
keep(N, A, B) -> keep(N - 1, A * 1.0001 + B, B * 0.999).

exchange(0, A, B) -> {A, B};
exchange(N, A, B) -> exchange(N - 1, B + 0.5, A * 0.5).

three(0, A, B) -> {A, B};
three(N, A, B) when N rem 3 =:= 0 -> three(N - 1, A + 1.25, B);
three(N, A, B) when N rem 3 =:= 1 -> three(N - 1, A, B - A);
three(N, A, B) -> three(N - 1, B * 0.25, A).

mixed(0, A, B) -> {A, B};
mixed(N, A, B) when N rem 7 =:= 0 -> mixed(N - 1, N, A / 2);
mixed(N, A, B) -> mixed(N - 1, A + 1.5, B + N).

grow(0, A, B) -> {A, B};
grow(N, A, B) -> grow(N - 1, A * 1.0e10 + B, B * 10.0).

shrink(0, A, B) -> {A, B};
shrink(N, A, B) -> shrink(N - 1, A / 1.0e10, B / 1.0e7).

two_ways(0, A, B) -> {A, B};
two_ways(N, A, B) when A > B -> two_ways(N - 1, A - 0.75, B);
two_ways(N, A, B) -> two_ways(N - 1, B, A + 0.3).

guarded(0, A, B) -> {A, B};
guarded(N, A, B) when A * 2.0 < 50.0, is_float(B) -> guarded(N - 1, A + B, B / 1.5);
guarded(N, A, B) -> guarded(N - 1, A / 3, B + 0.125).

ints(0, A, B) -> {A, B};
ints(N, A, B) -> X = A + 0.5, ints(N - 1, X, trunc(X) + N + 0 * B).

listed(0, A, B) -> {A, B};
listed(N, A, B) -> [X, Y] = [A + 1.5, B], listed(N - 1, X, Y + 1.0).

late(N, A, B) when N > 0 -> C = A * 0.5 + B, D = C - A, late(N - 1, C, D);
late(_, A, B) -> {A, B}.

deep(0, A, B) -> A + B;
deep(N, A, B) -> deep(N - 1, A + 0.5, B) + B.

%% With what code remembers of its places.
mapped(0, A, B) -> {A, B};
mapped(N, A, B) when A < 40.0 -> M = #{a => N, b => B}, #{a := K} = M, mapped(K - 1, A + 1.5, map_get(b, M#{b => B * 0.5}));
mapped(N, A, B) -> #{N := X} = #{N => A}, mapped(N - 1, X / 3.0, B + 1.0).

applied(0, A, B) -> {A, B};
applied(N, A, B) -> X = A + 0.5, applied(apply(erlang, abs, [1 - N]), X, apply(hd([erlang]), '+', [B, X])).

bits(0, A, B) -> {A, B};
bits(N, A, B) -> <<X/float, Y:8>> = <<(A + 0.25)/float, N>>, bits(Y - 1, X, B * 0.5).

iterate(_, _, _, _, 60) -> in;
iterate(A, B, X, Y, N) ->
    X2 = X * X,
    Y2 = Y * Y,
    if X2 + Y2 > 4.0 -> {out, N};
       true -> iterate(A, B, X2 - Y2 + A, 2.0 * X * Y + B, N + 1)
    end.

sum_list([X | Xs], S) -> sum_list(Xs, S + X);
sum_list([], S) -> S.

traced(0, A, B) -> {A, B};
traced(N, A, B) ->
    traced(N - 1, A + 1.5, B * 0.5).

%% Somebody begins to watch the loop while it runs.
watch() ->
    Pid = spawn(fun() -> receive go -> traced(200, 0.0, 1.0), traced(1 bsl 40, 0.0, 1.0) end end),
    erlang:trace(Pid, true, [call]),
    Pid ! go,
    receive after 5 -> ok end,
    erlang:trace_pattern({?MODULE, traced, 3}, true, [local]),
    Calls = [receive {trace, Pid, call, {?MODULE, traced, [N, A, B]}} when is_float(A), is_float(B) -> N end || _ <- [1, 2, 3, 4]],
    erlang:trace_pattern({?MODULE, traced, 3}, false, [local]),
    exit(Pid, kill),
    [F | _] = Calls,
    Calls =:= lists:seq(F, F - 3, -1).
