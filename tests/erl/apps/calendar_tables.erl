%% A calendar of a year, week numbers, leap years, differences, RFC 3339 in and out, gregorian seconds, ages.
-module(calendar_tables).
-export([main/0]).

main() ->
    [month(2024, M) || M <- [2, 9, 12]],
    [io:format("~w ~w ~w~n", [Y, calendar:is_leap_year(Y), calendar:iso_week_number({Y, 12, 31})]) || Y <- [0, 1900, 1970, 2000, 2015, 2016, 2020, 2023, 2100]],
    [io:format("~w: day ~w, week ~w, ~w days~n", [D, calendar:day_of_the_week(D), calendar:iso_week_number(D), calendar:date_to_gregorian_days(D)])
     || D <- [{1, 1, 1}, {1582, 10, 15}, {1970, 1, 1}, {2000, 2, 29}, {2012, 1, 1}, {2038, 1, 19}, {9999, 12, 31}]],
    [true = calendar:gregorian_days_to_date(calendar:date_to_gregorian_days(D)) =:= D || Y <- lists:seq(1996, 2004), M <- lists:seq(1, 12), D <- [{Y, M, 1}, {Y, M, calendar:last_day_of_the_month(Y, M)}]],
    [io:format("~s~n", [calendar:system_time_to_rfc3339(T, [{unit, U}, {offset, O}])])
     || {T, U, O} <- [{0, second, "Z"}, {1234567890, second, "+01:00"}, {1234567890123, millisecond, "-03:30"}, {1234567890123456, microsecond, "Z"},
                      {-1, second, "Z"}, {1709251199999999999, nanosecond, 3600}, {253402300799, second, "Z"}]],
    [io:format("~s -> ~p~n", [S, catch calendar:rfc3339_to_system_time(S, [{unit, millisecond}])])
     || S <- ["1970-01-01T00:00:00Z", "2009-02-13T23:31:30.5Z", "2009-02-14T00:31:30+01:00", "2024-02-29 12:00:00-05:45", "1969-12-31T23:59:59.999Z", "2016-12-31T23:59:60Z"]],
    [io:format("~p~n", [try calendar:rfc3339_to_system_time(S) catch C:R -> {C, R} end]) || S <- ["", "2024-02-30T00:00:00Z", "2024-01-01", "nonsense", "2024-01-01T25:00:00Z"]],
    [io:format("~p~n", [calendar:seconds_to_daystime(S)]) || S <- [0, 86399, 86400, 1000000, -1, -86401]],
    [io:format("~p~n", [calendar:time_difference(A, B)]) || {A, B} <- [{{{2024, 2, 28}, {23, 0, 0}}, {{2024, 3, 1}, {1, 30, 15}}}, {{{2024, 1, 1}, {0, 0, 0}}, {{2023, 12, 31}, {23, 59, 59}}}]],
    [io:format("~p~n", [calendar:valid_date(D)]) || D <- [{2023, 2, 29}, {2024, 2, 29}, {2024, 13, 1}, {2024, 0, 1}, {2024, 4, 31}, {-1, 1, 1}]],
    io:format("~p~n", [calendar:gregorian_seconds_to_datetime(calendar:datetime_to_gregorian_seconds({{2024, 7, 4}, {17, 45, 1}}))]),
    io:format("~p~n", [[calendar:seconds_to_time(S) || S <- [0, 59, 3600, 86399]]]),
    io:format("~p~n", [[catch element(1, element(2, catch F())) || F <- [fun() -> calendar:seconds_to_time(86400) end, fun() -> calendar:day_of_the_week({2024, 2, 30}) end, fun() -> calendar:last_day_of_the_month(2024, 13) end]]]),
    io:format("~p~n", [[age({1984, 2, 29}, On) || On <- [{2024, 2, 28}, {2024, 2, 29}, {2023, 2, 28}, {2023, 3, 1}, {1984, 2, 29}]]]),
    Fridays = [{Y, M} || Y <- lists:seq(2020, 2026), M <- lists:seq(1, 12), calendar:day_of_the_week(Y, M, 13) =:= 5],
    io:format("Friday 13: ~w~n", [Fridays]),
    io:format("~p~n", [[easter(Y) || Y <- [2000, 2008, 2011, 2024, 2038]]]).

month(Y, M) ->
    io:format("~s~n", [string:pad(io_lib:format("~b-~2..0b", [Y, M]), 20, both)]),
    First = calendar:day_of_the_week(Y, M, 1),
    Days = lists:duplicate(First - 1, "  ") ++ [io_lib:format("~2w", [D]) || D <- lists:seq(1, calendar:last_day_of_the_month(Y, M))],
    weeks(Days).

weeks([]) -> ok;
weeks(Days) ->
    {Week, Rest} = lists:split(min(7, length(Days)), Days),
    io:format("~s~n", [lists:join(" ", Week)]),
    weeks(Rest).

age({Y, M, D}, {Y2, M2, D2}) when {M2, D2} >= {M, D} -> Y2 - Y;
age({Y, _, _}, {Y2, _, _}) -> Y2 - Y - 1.

easter(Y) ->
    A = Y rem 19, B = Y div 100, C = Y rem 100,
    D = (19 * A + B - B div 4 - (B - (B + 8) div 25 + 1) div 3 + 15) rem 30,
    E = (32 + 2 * (B rem 4) + 2 * (C div 4) - D - C rem 4) rem 7,
    F = D + E - 7 * ((A + 11 * D + 22 * E) div 451) + 114,
    {Y, F div 31, F rem 31 + 1}.
