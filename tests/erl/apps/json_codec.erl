%% JSON: an encoder to iodata, a decoder of binaries with positions in errors, pretty printing, paths, round trips.
-module(json_codec).
-export([main/0]).

main() ->
    Good = [<<"null">>, <<" [ ] ">>, <<"{}">>, <<"[1,-2,3.5,1e3,-0.5E-2]">>, <<"{\"a\":{\"b\":[true,false,null]}}">>,
            <<"\"\\u00e5\\n\\\"\\\\ \\ud83d\\ude00 \x{e9}\""/utf8>>, <<"123456789012345678901234567890">>, <<"[[[[]]]]">>,
            <<"{\"k\":1,\"k\":2}">>],
    Bad = [<<"">>, <<"[1,]">>, <<"{\"a\" 1}">>, <<"tru">>, <<"[1 2]">>, <<"\"abc">>, <<"01">>, <<"1.">>, <<"\"\\x\"">>, <<"\"\\ud800\"">>,
           <<"[1]]">>, <<"{1:2}">>, <<"\"\t\"">>, <<"-">>, <<255>>, <<"\"", 195, 40, "\"">>],
    [begin
         {ok, V} = decode(T),
         io:format("~ts -> ~tp -> ~ts~n", [T, V, encode(V)]),
         {ok, V} = decode(iolist_to_binary(encode(V)))
     end || T <- Good],
    [io:format("~p -> ~p~n", [T, decode(T)]) || T <- Bad],
    Doc = #{<<"name">> => <<"Lintel">>, <<"tags">> => [<<"vm">>, <<"beam">>], <<"size">> => #{<<"kb">> => 1.5, <<"n">> => 7}, <<"none">> => null},
    io:format("~ts~n", [pretty(Doc, 0)]),
    io:format("~p~n", [[path(P, Doc) || P <- [[<<"size">>, <<"kb">>], [<<"tags">>, 1], [<<"tags">>, 2], [<<"x">>]]]]),
    Deep = iolist_to_binary([lists:duplicate(5000, $[), lists:duplicate(5000, $])]),
    {ok, D} = decode(Deep),
    io:format("~p~n", [iolist_to_binary(encode(D)) =:= Deep]),
    Many = [#{<<"id">> => I, <<"sq">> => I * I, <<"half">> => I / 2, <<"odd">> => I rem 2 =:= 1} || I <- lists:seq(1, 2000)],
    Bytes = iolist_to_binary(encode(Many)),
    {ok, Many} = decode(Bytes),
    io:format("~p bytes, crc ~p, adler ~p~n", [byte_size(Bytes), erlang:crc32(Bytes), erlang:adler32(Bytes)]),
    io:format("~p~n", [catch encode({not_json})]).

encode(null) -> "null";
encode(true) -> "true";
encode(false) -> "false";
encode(I) when is_integer(I) -> integer_to_binary(I);
encode(F) when is_float(F) -> io_lib_format:fwrite_g(F);
encode(B) when is_binary(B) -> [$", << <<(escape(C))/binary>> || <<C/utf8>> <= B >>, $"];
encode(L) when is_list(L) -> [$[, lists:join($,, [encode(E) || E <- L]), $]];
encode(M) when is_map(M) -> [${, lists:join($,, [[encode(K), $:, encode(V)] || {K, V} <- lists:sort(maps:to_list(M))]), $}];
encode(T) -> error({not_json, T}).

escape($") -> <<"\\\"">>;
escape($\\) -> <<"\\\\">>;
escape($\n) -> <<"\\n">>;
escape(C) when C < 32 -> list_to_binary(io_lib:format("\\u~4.16.0b", [C]));
escape(C) -> <<C/utf8>>.

decode(B) ->
    try
        {V, Rest} = value(skip(B)),
        case skip(Rest) of
            <<>> -> {ok, V};
            _ -> throw({trailing, Rest})
        end
    catch
        throw:{Why, At} -> {error, {Why, byte_size(B) - byte_size(At)}}
    end.

skip(<<C, R/binary>>) when C =:= $\s; C =:= $\n; C =:= $\r; C =:= $\t -> skip(R);
skip(R) -> R.

value(<<"null", R/binary>>) -> {null, R};
value(<<"true", R/binary>>) -> {true, R};
value(<<"false", R/binary>>) -> {false, R};
value(<<$", R/binary>>) -> string(R, <<>>);
value(<<$[, R/binary>>) ->
    case skip(R) of
        <<$], R1/binary>> -> {[], R1};
        R1 -> elements(R1, [])
    end;
value(<<${, R/binary>>) ->
    case skip(R) of
        <<$}, R1/binary>> -> {#{}, R1};
        R1 -> members(R1, #{})
    end;
value(<<C, _/binary>> = B) when C =:= $-; C >= $0, C =< $9 -> number(B);
value(<<>>) -> throw({end_of_text, <<>>});
value(B) -> throw({not_a_value, B}).

elements(B, Acc) ->
    {V, R} = value(skip(B)),
    case skip(R) of
        <<$,, R1/binary>> -> elements(R1, [V | Acc]);
        <<$], R1/binary>> -> {lists:reverse(Acc, [V]), R1};
        R1 -> throw({comma_or_bracket, R1})
    end.

members(B, Acc) ->
    case skip(B) of
        <<$", R/binary>> ->
            {K, R1} = string(R, <<>>),
            case skip(R1) of
                <<$:, R2/binary>> ->
                    {V, R3} = value(skip(R2)),
                    case skip(R3) of
                        <<$,, R4/binary>> -> members(R4, Acc#{K => V});
                        <<$}, R4/binary>> -> {Acc#{K => V}, R4};
                        R4 -> throw({comma_or_brace, R4})
                    end;
                R2 -> throw({colon, R2})
            end;
        R -> throw({name, R})
    end.

number(B) ->
    case re:run(B, "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?", [{capture, all, binary}]) of
        {match, [I, _]} -> {binary_to_integer(I), rest(B, I)};
        {match, [All, _, _]} -> {binary_to_float(All), rest(B, All)};
        {match, [All, _, <<>>, E]} ->
            I = binary:part(All, 0, byte_size(All) - byte_size(E)),
            {binary_to_float(<<I/binary, ".0", E/binary>>), rest(B, All)};
        {match, [All | _]} -> {binary_to_float(All), rest(B, All)};
        nomatch -> throw({number, B})
    end.

rest(B, Prefix) ->
    N = byte_size(Prefix),
    <<_:N/binary, R/binary>> = B,
    R.

string(<<$", R/binary>>, Acc) -> {Acc, R};
string(<<"\\u", Hex:4/binary, R/binary>> = B, Acc) ->
    case {binary_to_integer(Hex, 16), R} of
        {High, <<"\\u", Hex2:4/binary, R2/binary>>} when High >= 16#d800, High < 16#dc00 ->
            <<C/utf16>> = <<High:16, (binary_to_integer(Hex2, 16)):16>>,
            string(R2, <<Acc/binary, C/utf8>>);
        {C, _} when C < 16#d800; C > 16#dfff -> string(R, <<Acc/binary, C/utf8>>);
        _ -> throw({surrogate, B})
    end;
string(<<$\\, C, R/binary>> = B, Acc) ->
    case lists:keyfind(C, 1, [{$n, $\n}, {$t, $\t}, {$r, $\r}, {$b, $\b}, {$f, $\f}, {$", $"}, {$\\, $\\}, {$/, $/}]) of
        {_, Real} -> string(R, <<Acc/binary, Real>>);
        false -> throw({escape, B})
    end;
string(<<C/utf8, R/binary>>, Acc) when C >= 32 -> string(R, <<Acc/binary, C/utf8>>);
string(<<>>, _) -> throw({end_of_text, <<>>});
string(B, _) -> throw({character, B}).

pretty(M, N) when is_map(M), map_size(M) > 0 ->
    ["{\n", lists:join(",\n", [[indent(N + 1), encode(K), ": ", pretty(V, N + 1)] || {K, V} <- lists:sort(maps:to_list(M))]), $\n, indent(N), "}"];
pretty(L, N) when is_list(L), L =/= [] -> ["[", lists:join(", ", [pretty(E, N) || E <- L]), "]"];
pretty(V, _) -> encode(V).

indent(N) -> lists:duplicate(2 * N, $\s).

path([], V) -> {ok, V};
path([K | P], M) when is_map_key(K, M) -> path(P, map_get(K, M));
path([I | P], L) when is_integer(I), is_list(L), I < length(L) -> path(P, lists:nth(I + 1, L));
path([K | _], _) -> {error, K}.
