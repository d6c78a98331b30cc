-module(always_fails).
-export([main/0]).

%% What the compiler knows to fail always: the code behind it goes straight to the handler.
main() ->
    [io:format("~p~n", [catch F(A, B)]) || F <- [fun calls_and_tests/2, fun nested/2], {A, B} <- [{fun(X) -> {fun id/1, X} end, 1}, {fun id/1, x}, {1, 2}]].

calls_and_tests(A, B) ->
    try A(B) of
        {C, _} ->
            try element(B, C(A)) of
                x -> ok;
                y -> error(A)
            catch C1:R1 -> {C1, class(R1)}
            end;
        x -> try error(B) catch C2:R2 -> {C2, R2} end
    catch
        C3:R3 -> {C3, class(R3)}
    end.

nested(A, B) ->
    try A(B) of
        {A, _} ->
            try (case catch try element(B, A) catch exit:X when is_atom(X) -> B; _:_ -> exit(A) end of
                     {'EXIT', {R, S}} when is_list(S) -> R;
                     Other -> Other
                 end) of
                {A, _} -> one;
                x -> error(A)
            catch C1:R1 -> {C1, class(R1)}
            after put(k, v)
            end;
        x -> try error(A) catch C2:_:S2 -> erlang:raise(C2, {again, B}, S2) end
    catch C3:R3 -> {C3, class(R3)}
    after put(k, v)
    end.

id(X) -> X.

class(R) when is_tuple(R) -> element(1, R);
class(R) -> R.
