%% Seed for verify_fuzz: calls, funs, apply, frames.
-module(f_call).
-export([f/1, g/2, h/3, ap/2, go/2, deep/1, many/4]).

f(X) -> F = fun(Y) -> {X, Y} end, G = fun F2(0) -> X; F2(N) when N < 5 -> F2(N - 1); F2(_) -> F end, {F(1), G(2), fun f/1, fun erlang:abs/1}.

g(X, Y) ->
    A = id(X),
    B = id({A, Y}),
    C = id([A, B]),
    case id(C) of
        [A | _] -> {A, B, C};
        _ -> {C, id(Y)}
    end.

h(A, B, C) -> h2(B, {A}, [C | A]).
h2(_, B, C) when is_tuple(B) -> {B, C};
h2(A, B, _) -> g(A, B).

ap(F, A) when is_function(F, 1) -> F(A);
ap(F, A) when is_atom(F) -> ?MODULE:F(A);
ap(A, _) -> apply(?MODULE, f, [A]).

go(N, Acc) when is_integer(N), N > 0, N < 50 -> go(N - 1, [{N, Acc} | []]);
go(_, Acc) -> spawn(fun() -> g(Acc, 1) end), Acc.

deep(N) when is_integer(N), N < 20 -> [N | deep(N + 1)];
deep(_) -> [].

many(A, B, C, D) ->
    X = id(A), Y = id(B), Z = id(C), W = id(D), V = id({X, Y}), U = id({Z, W}),
    id(V), {X, Y, Z, W, V, U, id(U)}.

id(X) -> X.
