%% Two files of the same module: why they may differ, or `differs`: erl -run beam_difference main FILE FILE
%% Regular expressions are kept compiled, with the version of the engine, and checksums of everything follow; a large map with atoms in its keys is walked in an order that is
%% the VM's own.
-module(beam_difference).
-export([main/1]).

main([One, Other]) ->
    {ok, _, A} = beam_lib:all_chunks(One),
    {ok, _, B} = beam_lib:all_chunks(Other),
    Reasons = [reason(Name, {X, vsn(A)}, {Y, vsn(B)}) || {{Name, X}, {Name, Y}} <- lists:zip(A, B), X =/= Y],
    io:format("~p", [lists:usort(Reasons)]),
    halt().

vsn(Chunks) -> proplists:get_value(vsn, binary_to_term(proplists:get_value("Attr", Chunks)), [none]).

reason(Name, {X, [V]}, {Y, [W]}) ->
    {A, B} = {neutral(decoded(Name, X), V), neutral(decoded(Name, Y), W)},
    case A =:= B of
        true -> regex;
        false ->
            case lists:sort(leaves(A)) =:= lists:sort(leaves(B)) of
                true when Name =:= "Dbgi" -> order;
                _ -> differs
            end
    end.

decoded("Dbgi", Chunk) -> binary_to_term(Chunk);
decoded("Attr", Chunk) -> lists:keydelete(vsn, 1, binary_to_term(Chunk));
decoded("FunT", <<_:32, Entries/binary>>) -> [E || <<E:20/binary, _Checksum:32>> <= Entries];
decoded("LitT", <<_:32, Compressed/binary>>) ->
    <<_:32, Literals/binary>> = zlib:uncompress(Compressed),
    [binary_to_term(L) || <<Size:32, L:Size/binary>> <= Literals];
decoded(_, Chunk) -> Chunk.

%% Without compiled regular expressions, as terms or in code that makes them, and without the module's checksum.
neutral([re_pattern, _, _, _, P], _) when is_binary(P) -> re_pattern;
neutral({re_pattern, _, _, _, P}, _) when is_binary(P) -> re_pattern;
neutral({re_version, _}, _) -> re_version;
neutral([H | T], V) -> [neutral(H, V) | neutral(T, V)];
neutral(T, V) when is_tuple(T) -> list_to_tuple(neutral(tuple_to_list(T), V));
neutral(M, V) when is_map(M) -> maps:from_list([{neutral(K, V), neutral(X, V)} || {K, X} <- maps:to_list(M), K =/= re_version]);
neutral(<<V:128>>, V) -> checksum;
neutral(T, _) -> T.

leaves([H | T]) -> leaves(H) ++ leaves(T);
leaves(T) when is_tuple(T) -> leaves(tuple_to_list(T));
leaves(M) when is_map(M) -> leaves(maps:to_list(M));
leaves(T) -> [T].
