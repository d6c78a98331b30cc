%% io_lib:print, fread, write, and text predicates.
-module(io_lib_misc).
-export([main/0]).

main() ->
    io:format("~p~n", [[lists:flatten(io_lib:write({a, [1, "x"], 2.5})), lists:flatten(io_lib:print({a, "b"})), io_lib:fread("~d ~s ~f", "12 abc 1.5 rest"), io_lib:fread("~d", "x"),
                        io_lib:printable_list("abc"), io_lib:printable_unicode_list([1234]), io_lib:char_list([1 bsl 30]), io_lib:deep_char_list(["a", [$b]]), io_lib:quote_atom(a, []) =:= x]]),
    io:format("~s~n", [io_lib:write_string("a\"b\n")]),
    io:format("~s~n", [io_lib:write_atom('x y')]),
    io:format("~ts~n", [io_lib:format("~tp", [[{[955], 'λ'}]])]) .
