%% A JSON parser and printer over binaries.
-module(json).
-export([main/0]).

main() ->
    Text = iolist_to_binary(write(sample(400))),
    bench:cpu(fun() -> loop(10, Text, 0) end, 424050).

sample(N) -> [#{<<"id">> => I, <<"name">> => <<"item ", (integer_to_binary(I))/binary>>, <<"price">> => I * 1.5, <<"ok">> => true,
                <<"tags">> => [<<"a">>, <<"b\"c">>, null], <<"at">> => #{<<"x">> => -I, <<"y">> => [1, 2, 3]}} || I <- lists:seq(1, N)].

loop(0, _, Acc) -> Acc;
loop(N, Text, Acc) ->
    {Value, <<>>} = value(Text),
    loop(N - 1, Text, Acc + length(Value) + iolist_size(write(Value))).

value(<<C, R/binary>>) when C =< $\s -> value(R);
value(<<"true", R/binary>>) -> {true, R};
value(<<"false", R/binary>>) -> {false, R};
value(<<"null", R/binary>>) -> {null, R};
value(<<${, R/binary>>) -> object(R, #{});
value(<<$[, R/binary>>) -> array(R, []);
value(<<$", R/binary>>) -> string(R, <<>>);
value(Text) -> number(Text, 0).

array(<<$], R/binary>>, Acc) -> {lists:reverse(Acc), R};
array(<<$,, R/binary>>, Acc) -> array(R, Acc);
array(Text, Acc) ->
    {V, R} = value(Text),
    array(R, [V | Acc]).

object(<<$}, R/binary>>, Acc) -> {Acc, R};
object(<<$,, R/binary>>, Acc) -> object(R, Acc);
object(<<$", Text/binary>>, Acc) ->
    {K, <<$:, R/binary>>} = string(Text, <<>>),
    {V, R1} = value(R),
    object(R1, Acc#{K => V}).

string(<<$", R/binary>>, Acc) -> {Acc, R};
string(<<$\\, C, R/binary>>, Acc) -> string(R, <<Acc/binary, C>>);
string(<<C, R/binary>>, Acc) -> string(R, <<Acc/binary, C>>).

number(Text, Size) ->
    case Text of
        <<Digits:Size/binary, C, _/binary>> when C >= $0, C =< $9; C =:= $-; C =:= $.; C =:= $e -> _ = Digits, number(Text, Size + 1);
        <<Digits:Size/binary, R/binary>> ->
            case binary:match(Digits, <<".">>) of
                nomatch -> {binary_to_integer(Digits), R};
                _ -> {binary_to_float(Digits), R}
            end
    end.

write(V) when is_atom(V) -> atom_to_binary(V);
write(V) when is_integer(V) -> integer_to_binary(V);
write(V) when is_float(V) -> float_to_binary(V, [short]);
write(V) when is_binary(V) -> [$", escape(V, 0, V), $"];
write(V) when is_list(V) -> [$[, lists:join($,, [write(X) || X <- V]), $]];
write(V) when is_map(V) -> [${, lists:join($,, [[write(K), $:, write(X)] || {K, X} <- maps:to_list(V)]), $}].

escape(V, Size, Whole) ->
    case V of
        <<Head:Size/binary, $", R/binary>> -> [Head, $\\, $" | escape(R, 0, R)];
        <<_:Size/binary, _, _/binary>> -> escape(V, Size + 1, Whole);
        _ -> V
    end.
