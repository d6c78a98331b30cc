%% When a stack trace shows the operator: not for a small constant added to a register, or taken off it, nor for a sign
%% that changes nothing, which is an addition of 0 (so that -0.0 is 0.0 afterwards).
-module(constant_operands).
-export([main/0]).
-compile(nowarn_failed).

main() ->
    Fs = [fun(X) -> X - 1 end, fun(X) -> 1 - X end, fun(X) -> X + 1 end, fun(X) -> 1 + X end, fun kept/1, fun tested/1, fun(_) -> a + 1 end,
          fun(_) -> 1 + "a" end, fun(_) -> a - 1 end, fun(_) -> 1 - a end, fun(X) -> X + 576460752303423488 end, fun(X) -> X + 1.5 end,
          fun(X) -> X + X end, fun(_) -> minus(a) end, fun(_) -> plus(a, 1) end, fun(_) -> a * 2 end, fun(_) -> a div 1 end, fun(_) -> a bsl 1 end,
          fun(X) -> X + 1333853714 end, fun(X) -> X - 576460752303423487 end, fun(X) -> X - -1 end, fun(X) -> X - -134217729 end, fun(X) -> +X end],
    [try F(T) of V -> io:format("~p~n", [V]) catch C:R:S -> io:format("~p ~p~n", [{C, R}, setelement(4, hd(S), [])]) end
     || F <- Fs, T <- [x, "s", 1.0]],
    io:format("~p~n", [<<(signed(-0.0))/float>>]).

kept(X) ->
    id(1),
    Y = 1 + X,
    id(Y),
    X.

tested(X) ->
    case id(X) of
        Y when is_atom(Y) -> Y + 1;
        Y -> Y + 2
    end.

minus(X) -> id(X - 1).
plus(X, Y) -> id(X + Y).

signed(X) -> +X.

id(X) -> X.
