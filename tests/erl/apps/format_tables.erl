%% io_lib:format with all controls, widths, precisions and paddings, over many kinds of values; errors of wrong calls.
-module(format_tables).
-export([main/0]).

-record(person, {name, age, tags = []}).

main() ->
    Values = [0, -1, 255, 1 bsl 80, 1.5, -0.0, 1.0e-10, 1.0e22, atom, 'Quoted atom', '', "string", "åäö", [1, 2, 3], [104, 105, 3], [a | b], [],
              {}, {a, {b, [c]}}, <<"binary">>, <<1, 2, 3>>, <<5:3>>, <<"å"/utf8>>, #{}, #{a => 1, {b} => [2]}, #person{name = "Eva", age = 7},
              [[["nested"]]], "with \"quotes\" and \\ and \n", [$\e, $\t], 'it\'s', <<>>, [1.0, 2], $a, true, "\x{3b1}\x{3b2}", ['\x{3b1}', <<"\x{3b1}"/utf8>>]],
    [begin
         io:nl(),
         [io:format("~ts|", [try io_lib:format(F, [V]) catch error:E -> atom_to_list(E) end])
          || F <- ["~w", "~p", "~tw", "~tp", "~W", "~P", "~s", "~ts", "~10w", "~-10p", "~20.10s", "~c", "~b", "~.16b", "~e", "~g", "~.3f"]]
     end || V <- Values],
    io:nl(),
    [io:format("~ts => ~ts~n", [F, try io_lib:format(F, A) catch C:R -> io_lib:format("~p ~p", [C, R]) end]) || {F, A} <- [
        {"[~10s]", [abc]}, {"[~-10s]", ["abc"]}, {"[~10.3s]", ["abcdef"]}, {"[~.2s]", ["abc"]}, {"[~10..*s]", ["abc"]}, {"[~*s]", [7, "x"]},
        {"[~-*.*s]", [7, 2, "xyz"]}, {"[~3s]", ["abcdef"]}, {"[~5..0w]", [42]}, {"[~-5..0w]", [42]}, {"[~2w]", [12345]}, {"[~.8b]", [64]},
        {"[~8.16.0b]", [48879]}, {"[~8.16.0B]", [48879]}, {"[~.36B]", [123456789]}, {"[~.16x]", [255, "0x"]}, {"[~.16X]", [-255, "0x"]},
        {"[~.10#]", [31]}, {"[~.16#]", [31]}, {"[~.2+]", [-5]}, {"[~10.2f]", [3.14159]}, {"[~-10.2f]", [3.14159]}, {"[~.0f]", [2.5]}, {"[~f]", [1.0e15]},
        {"[~.30f]", [0.1]}, {"[~10.3e]", [12345.678]}, {"[~e]", [1.0]}, {"[~.3g]", [0.00001234]}, {"[~g]", [123456.0]}, {"[~.10g]", [1.0e10]},
        {"[~3c]", [$x]}, {"[~10.3c]", [$x]}, {"[~-10.3c]", [$x]}, {"[~5tc]", [16#3b1]}, {"~i~w", [skipped, shown]}, {"~~~n~3n", []},
        {"~W", [[1, 2, 3, 4, 5], 3]}, {"~P", [{a, b, [c, d, {e, f}]}, 5]}, {"~W", ["abc", 2]}, {"~P", [lists:seq(1, 50), 10]}, {"~w ~w", [one]}, {"~w", [one, two]}, {"~q", [x]}, {"~", []},
        {"~s", [[1, 2, 300]]}, {"~s", [{a}]}, {"~ts", [[300]]}, {"~b", [a]}, {"~b", [1.0]}, {"~.1b", [5]}, {"~.37b", [5]}, {"~f", [1]}, {"~f", [a]}, {"~c", [a]}, {"~c", [-1]},
        {"~e", ["x"]}, {"~w", not_a_list}, {atom_format, []}, {<<"binary ~w">>, [1]}, {["list ", "~w", [[" of ~p"]]], [1, 2]}, {"~lp", ["string"]}, {"~lw", ["s"]}, {"~Kp", [x]},
        {"~kp", [#{b => 1, a => 2}]}, {"~Kp", [reversed, #{b => 1, a => 2, c => 3}]}, {"~0p", [#person{name = "x", tags = lists:seq(1, 100)}]}, {"~tp", [[1024, $a]]}, {"~p", [[1024, $a]]}]],
    Long = [{list_to_atom("key_" ++ integer_to_list(I)), lists:seq(1, I), #{I => "value " ++ integer_to_list(I), list_to_binary([I]) => {I, I * 1.5}}} || I <- lists:seq(1, 9)],
    io:format("~p~n", [Long]),
    [io:format("~*p~n", [W, Long]) || W <- [1, 20, 40, 120]],
    [io:format("~s~n~s~n", [lists:duplicate(W, $-), io_lib:format("~*.5p", [W, {record, lists:duplicate(8, {some_tuple, "text"}), end_of_it}])]) || W <- [10, 30, 50]],
    io:format("prefix text: ~p suffix~n", [Long]),
    io:format("~p~n", [lists:duplicate(3, lists:duplicate(30, $x))]),
    io:format("~p~n", [lists:append(lists:duplicate(4, "a long string that has to be cut in several pieces "))]),
    io:format("~p~n", [list_to_binary(lists:duplicate(4, "a long binary that has to be cut "))]),
    io:format("~p~n", [list_to_tuple(lists:seq(1, 60))]),
    io:format("~p~n", [maps:from_list([{I, integer_to_list(I * 1000000007)} || I <- lists:seq(1, 30)])]),
    io:format("~s~n", [io_lib:print({a, "list", [1, 2, 3]}, 10, 20, 6)]),
    io:format("~s~n", [io_lib:write({a, "list", [1, 2, 3]}, 4)]),
    io:format("~p~n", [[io_lib:write_atom('a b'), io_lib:write_string("a\nb"), io_lib:write_char($\n), io_lib:write_latin1_string("å")]]),
    io:format("~p~n", [[io_lib:fread(F, S) || {F, S} <- [{"~d ~d", "12 -5 rest"}, {"~s,~s", "ab , cd"}, {"~f", "1.5"}, {"~a", "atom"}, {"~c~c", "xy"}, {"~16u", "ff"}, {"~d", "x"}, {"~d", ""}, {"~*d~d", "1 2"}, {"~3c", "abcdef"}, {"~#", "16#ff"}, {"a~~b~l", "a~b"}]]]),
    io:format("~p~n", [io_lib:format("~s", [lists:seq(1, 5)]) =:= [[1, 2, 3, 4, 5]]]),
    io:format("~p~n", [io_lib:build_text(io_lib:scan_format("~5w|~s~n", [a, "b"]))]),
    io:format("~ts~n", [io_lib:format("~tp ~ts ~tc ~tw", ["\x{4e16}\x{754c}", "\x{4e16}", 16#754c, '\x{4e16}'], [{chars_limit, 40}])]),
    io:format("~ts~n", [io_lib:format("~p ~p", [lists:seq(1, 1000), lists:seq(1, 1000)], [{chars_limit, 100}])]).
