%% calendar conversions.
-module(calendar_module).
-export([main/0]).

main() ->
    io:format("~p~n", [[calendar:datetime_to_gregorian_seconds({{2024, 2, 29}, {12, 34, 56}}), calendar:gregorian_seconds_to_datetime(63876300000), calendar:day_of_the_week(2024, 2, 29), calendar:is_leap_year(1900),
                        calendar:last_day_of_the_month(2023, 2), calendar:iso_week_number({2021, 1, 3}), calendar:valid_date(2023, 2, 29), calendar:seconds_to_daystime(100000), calendar:date_to_gregorian_days(1970, 1, 1)]]),
    io:format("~p~n", [[calendar:system_time_to_rfc3339(1700000000, [{offset, "Z"}]), calendar:rfc3339_to_system_time("2023-11-14T22:13:20Z"), calendar:system_time_to_universal_time(1700000000, second),
                        erlang:universaltime_to_posixtime({{2023, 11, 14}, {22, 13, 20}}), erlang:posixtime_to_universaltime(0), catch calendar:day_of_the_week(2023, 2, 30)]]),
    io:format("~p~n", [erlang:convert_time_unit(1500, millisecond, second)]).
