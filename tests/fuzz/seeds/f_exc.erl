%% Seed for verify_fuzz: exceptions.
-module(f_exc).
-export([t/1, c/1, n/2, a/1, r/2]).

t(X) ->
    try element(2, X) of
        {ok, Y} -> Y;
        Z when is_atom(Z) -> Z
    catch
        error:badarg:S -> {S, X};
        throw:T -> T;
        C:R -> {C, R}
    end.

c(X) ->
    A = (catch hd(X)),
    B = (catch throw(A)),
    {A, B, X}.

n(X, Y) ->
    try
        try X / Y catch error:badarith -> t(X) end
    after
        put(k, Y)
    end.

a(X) ->
    try id(X) of
        1 -> one;
        2 -> two
    catch
        exit:_ -> gone
    after
        id([X])
    end.

r(C, R) ->
    try erlang:raise(C, R, []) catch A:B:S -> erlang:raise(A, {B}, S) end.

id(X) -> X.
