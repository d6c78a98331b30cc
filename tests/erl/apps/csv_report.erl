%% CSV with quotes and line breaks in fields; types of columns are guessed; grouping, sums, joins and a table as text.
-module(csv_report).
-export([main/0]).

-define(SALES, <<"id,date,region,product,price,count\r\n1,2023-01-05,north,\"Chair, small\",49.50,3\r\n2,2023-01-05,south,Table,199,1\r\n"
                 "3,2023-02-28,north,\"The \"\"Lamp\"\"\",15.25,10\r\n4,2024-02-29,west,\"two\nlines\",1.0,2\r\n5,2024-12-31,south,Table,,4\r\n">>).

main() ->
    {ok, [Header | Rows]} = parse(?SALES),
    io:format("~p~n~p~n", [Header, Rows]),
    Types = [guess(C) || C <- columns(Rows)],
    io:format("~p~n", [lists:zip(Header, Types)]),
    Records = [maps:from_list(lists:zip([binary_to_atom(H) || H <- Header], [convert(T, F) || {T, F} <- lists:zip(Types, R)])) || R <- Rows],
    io:format("~p~n", [hd(Records)]),
    ByRegion = lists:foldl(fun(#{region := G} = R, D) -> dict:append(G, R, D) end, dict:new(), Records),
    table([<<"region">>, <<"rows">>, <<"sum">>, <<"days">>],
          [[G, length(Rs), round(sum(Rs) * 100) / 100, [calendar:day_of_the_week(D) || #{date := D} <- Rs]]
           || {G, Rs} <- lists:keysort(1, dict:to_list(ByRegion))]),
    Again = iolist_to_binary([[lists:join($,, [quote(F) || F <- R]), "\r\n"] || R <- [Header | Rows]]),
    io:format("~p~n", [Again =:= ?SALES]),
    io:format("~p~n", [[parse(B) || B <- [<<>>, <<"a">>, <<"a,\n">>, <<"\"a">>, <<"\"a\"b">>, <<"a\"b">>, <<"\n\n">>, <<"\"\",\"\"">>]]]),
    Prices = #{<<"Table">> => 210, <<"Chair, small">> => 55},
    io:format("~p~n", [[{I, maps:get(P, Prices, unknown)} || #{id := I, product := P} <- Records]]),
    Gaps = lists:zipwith(fun(A, B) -> calendar:date_to_gregorian_days(B) - calendar:date_to_gregorian_days(A) end,
                         [D || #{date := D} <- lists:droplast(Records)], [D || #{date := D} <- tl(Records)]),
    io:format("~p~n", [Gaps]).

sum(Rs) -> lists:sum([P * N || #{price := P, count := N} <- Rs, P =/= null]).

parse(B) -> parse(B, [], []).

parse(<<>>, [], Rows) -> {ok, lists:reverse(Rows)};
parse(<<$", R/binary>>, Row, Rows) -> quoted(R, <<>>, Row, Rows);
parse(B, Row, Rows) ->
    [Field | _] = binary:split(B, [<<",">>, <<"\n">>, <<"\r\n">>]),
    case binary:match(Field, <<"\"">>) of
        nomatch -> after_field(binary:part(B, byte_size(Field), byte_size(B) - byte_size(Field)), [Field | Row], Rows);
        {At, 1} -> {error, {quote, length(Rows) + 1, At}}
    end.

quoted(<<"\"\"", R/binary>>, F, Row, Rows) -> quoted(R, <<F/binary, $">>, Row, Rows);
quoted(<<$", R/binary>>, F, Row, Rows) -> after_field(R, [F | Row], Rows);
quoted(<<C, R/binary>>, F, Row, Rows) -> quoted(R, <<F/binary, C>>, Row, Rows);
quoted(<<>>, _, _, Rows) -> {error, {open_quote, length(Rows) + 1}}.

after_field(<<$,, R/binary>>, Row, Rows) when R =:= <<>> -> after_field(<<>>, [<<>> | Row], Rows);
after_field(<<$,, R/binary>>, Row, Rows) -> parse(R, Row, Rows);
after_field(<<"\r\n", R/binary>>, Row, Rows) -> parse(R, [], [lists:reverse(Row) | Rows]);
after_field(<<"\n", R/binary>>, Row, Rows) -> parse(R, [], [lists:reverse(Row) | Rows]);
after_field(<<>>, Row, Rows) -> {ok, lists:reverse(Rows, [lists:reverse(Row)])};
after_field(_, _, Rows) -> {error, {after_quote, length(Rows) + 1}}.

columns(Rows) ->
    lists:foldr(fun(R, Cs) -> [[F | C] || {F, C} <- lists:zip(R, Cs)] end, [[] || _ <- hd(Rows)], Rows).

guess(Fields) -> hd([T || T <- [integer, number, date, text], lists:all(fun(F) -> F =:= <<>> orelse is(T, F) end, Fields)]).

is(integer, F) -> re:run(F, "^-?\\d+$", [{capture, none}]) =:= match;
is(number, F) -> re:run(F, "^-?\\d+(\\.\\d+)?$", [{capture, none}]) =:= match;
is(date, F) -> re:run(F, "^\\d{4}-\\d\\d-\\d\\d$", [{capture, none}]) =:= match andalso calendar:valid_date(convert(date, F));
is(text, _) -> true.

convert(text, F) -> F;
convert(_, <<>>) -> null;
convert(integer, F) -> binary_to_integer(F);
convert(number, F) -> try binary_to_float(F) catch error:badarg -> binary_to_integer(F) end;
convert(date, <<Y:4/binary, _, M:2/binary, _, D:2/binary>>) -> {binary_to_integer(Y), binary_to_integer(M), binary_to_integer(D)}.

quote(F) ->
    case re:run(F, "[\",\n]", [{capture, none}]) of
        match -> [$", re:replace(F, "\"", "\"\"", [global]), $"];
        nomatch -> F
    end.

table(Header, Rows) ->
    Cells = [Header | [[text(C) || C <- R] || R <- Rows]],
    Widths = [lists:max([string:length(C) || C <- Column]) || Column <- columns(Cells)],
    Line = lists:join("-+-", [lists:duplicate(W, $-) || W <- Widths]),
    [H | T] = [lists:join(" | ", [string:pad(C, W) || {C, W} <- lists:zip(R, Widths)]) || R <- Cells],
    io:format("~ts~n~ts~n~ts~n", [H, Line, lists:join("\n", T)]).

text(B) when is_binary(B) -> B;
text(T) -> iolist_to_binary(io_lib:format("~w", [T])).
