-module(from_outside).
-export([main/0]).
%% Funs whose code is not here, as the external format brings them: what tells them apart, how they are ordered, hashed, printed and
%% written again; and in which forms their numbers may come.

encoded(Uniq, Index, OldIndex, OldUniq, Arity, Free) ->
    Body = <<Arity, Uniq:128, Index:32, (length(Free)):32, 119, 1, $m, OldIndex/binary, OldUniq/binary, 88, 119, 1, $n, 5:32, 6:32, 7:32,
             << <<97, X>> || X <- Free >>/binary>>,
    <<131, 112, (byte_size(Body) + 4):32, Body/binary>>.

fun_of({Uniq, Index, OldIndex, OldUniq, Arity, Free}) ->
    binary_to_term(encoded(Uniq, Index, <<98, OldIndex:32>>, <<98, OldUniq:32>>, Arity, Free)).

order(A, B) when A < B -> lt;
order(A, B) when A > B -> gt;
order(A, B) when A =:= B -> eq.

show(B) ->
    Shown = try binary_to_term(B) of
                F ->
                    Again = term_to_binary(F),
                    io_lib:format("~p ~s ~w ~w", [F, binary:encode_hex(Again), F =:= binary_to_term(Again), erlang:external_size(F)])
            catch C:R -> io_lib:format("~w:~w", [C, R])
            end,
    io:format("~s~n", [Shown]).

main() ->
    Each = [{7, 3, 3, 9, 1, [1]}, {8, 3, 3, 9, 1, [1]}, {7, 4, 3, 9, 1, [1]}, {7, 3, 4, 9, 1, [1]}, {7, 3, 3, 10, 1, [1]}, {7, 3, 3, 9, 2, [1]},
            {7, 3, 3, 9, 1, [2]}, {7, 3, 3, 9, 1, [1, 1]}, {7, 3, -1, 9, 1, [1]}, {7, 3, 3, -9, 1, [1]}, {7, 16#a6d1002a, 3, 9, 1, [1]}],
    Funs = [{fun_of(E), E} || E <- Each],
    [io:format("~w ~w ~w~n", [V, W, order(F, G)]) || {F, V} <- Funs, {G, W} <- Funs],
    [io:format("~w ~w ~w ~w~n", [F, lists:keydelete(pid, 1, erlang:fun_info(F)), erlang:phash2(F), erlang:phash(F, 1 bsl 27)]) || {F, _} <- Funs],
    [try F(1) catch C:R:S -> io:format("~w ~w ~w ~w~n", [V, C, R, hd(S)]) end || {F, V} <- Funs],
    Keys = maps:from_list([{F, V} || {F, V} <- Funs] ++ [{N, N} || N <- lists:seq(1, 40)]),
    [io:format("~w ~w~n", [V, maps:get(F, Keys)]) || {F, V} <- Funs],
    Numbers = [<<97, 3>>, <<98, -1:32>>, <<98, 1000:32>>, <<110, 4, 0, -1:32>>, <<110, 4, 1, -1:32>>, <<110, 8, 0, -1:64>>, <<110, 7, 0, -1:56>>,
               <<110, 1, 0, 5>>, <<110, 0, 0>>, <<111, 4:32, 0, 0, 0, 0, 1>>, <<111, 0:32, 0>>, <<110, 9, 0, 3, 0:64>>, <<119, 1, $a>>, <<99, 0:248>>],
    [show(encoded(7, 16#a6d1002a, N, <<97, 3>>, 1, [1])) || N <- Numbers],
    [show(encoded(7, 3, <<97, 3>>, N, 1, [1])) || N <- Numbers],
    Arities = [<<97, 2>>, <<98, 2:32>>, <<98, -1:32>>, <<110, 1, 0, 2>>, <<110, 1, 1, 2>>, <<111, 1:32, 0, 2>>, <<110, 8, 0, -1:64>>, <<119, 1, $a>>],
    [show(<<131, 113, 119, 5, "lists", 119, 3, "map", A/binary>>) || A <- Arities],
    ok.
