%% io_lib:format controls with widths, precisions and padding.
-module(format_controls).
-export([main/0]).

main() ->
    io:format("[~10s][~-10s][~10.3s][~c][~3c][~*c]~n", ["abc", "abc", "abcdef", $x, $y, 4, $z]),
    io:format("[~5w][~-5w][~5.0.0w]~n", [a, b, c]),
    io:format("[~.2f][~10.3f][~8.3e][~g][~.16b][~.36B]~n", [1.239, 2.0, 12345.678, 1.5, 255, 1295]),
    io:format("[~10.16.0b][~8..*s]~n", [255, $*, "ab"]),
    io:format("~i~p ~~ ~w~n", [ignored, "str", "str"]),
    io:format("~W ~P~n", [lists:seq(1, 30), 8, {a, [b, {c, {d}}]}, 5]),
    io:format("~p~n", [lists:seq(1, 60)]),
    io:format("~p~n", [[{a_long_key_number, I, "a string value", <<"binary">>} || I <- lists:seq(1, 6)]]),
    io:format("~60p~n", [#{name => "x", list => lists:seq(1, 20), tuple => {1, 2, 3, lists:duplicate(20, abc)}}]),
    io:format("~.16X ~.10x ~.16#~n", [255, "0x", 10, "d", 3000]),
    io:format("~p ~p ~p ~p~n", ["abc\n\t\"\\", [0, 1], <<"abc">>, <<0, 1, 200>>]),
    io:format("~p ~p ~p~n", ['hello world', 'Abc', 'don\'t']),
    io:format("~s~n", [[$a, [<<"b">>], "c"]]),
    io:format("~p~n", [catch io_lib:format("~d", [1])]),
    io:format("~p~n", [catch io_lib:format("~s", [foo, bar])]),
    io:format("~p~n", [lists:flatten(io_lib:format("~ts", [[1024]]))]).
