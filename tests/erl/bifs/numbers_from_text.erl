%% Texts to numbers and back: all functions, limits, wrong arguments.
-module(numbers_from_text).
-export([main/0]).
main() ->
    Texts = ["0", "12", "-12", "+12", "", "-", "+", " 1", "1 ", "12x", "0x1F", "1e5", "1.5", "-1.5e3", "1.5e", "1.5e+3", "1.e3", ".5", "1.5E-3", "1.0e309",
             "1.0e-400", "123456789012345678901234567890", "-576460752303423488", "576460752303423488", "ff", "FF", "zz", "1_000", "++1", "1.5.5"],
    bif_calls:calls(erlang, [{F, [T]} || F <- [list_to_integer, list_to_float], T <- Texts]),
    bif_calls:calls(erlang, [{list_to_integer, [T, B]} || T <- Texts, B <- [2, 8, 10, 16, 36]]),
    bif_calls:calls(erlang, [{list_to_integer, ["1", B]} || B <- [0, 1, 37, -1, 1 bsl 70, a, 10.0]]),
    bif_calls:calls(string, [{F, [T ++ Rest]} || F <- [list_to_integer, list_to_float], T <- Texts, Rest <- ["", " rest", [b]]]),
    bif_calls:calls(erlang, [{F, [T]} || F <- [list_to_integer, list_to_float], T <- ["१", [$1, 300], [$1, a]]]),
    Binaries = [list_to_binary(T) || T <- Texts, lists:all(fun(C) -> C < 256 end, T)],
    bif_calls:calls(erlang, [{F, [T]} || F <- [binary_to_integer, binary_to_float], T <- Binaries]),
    bif_calls:calls(erlang, [{binary_to_integer, [T, B]} || T <- Binaries, B <- [2, 16, 36, 1, 37]]),
    [bif_calls:wrong(erlang, F, [A]) || {F, A} <- [{list_to_integer, "1"}, {list_to_float, "1.0"}, {binary_to_integer, <<"1">>}, {binary_to_float, <<"1.0">>},
                                                   {integer_to_list, 1}, {integer_to_binary, 1}, {float_to_list, 1.0}, {float_to_binary, 1.0}]],
    [bif_calls:wrong(erlang, F, [A, 10]) || {F, A} <- [{list_to_integer, "1"}, {binary_to_integer, <<"1">>}, {integer_to_list, 1}, {integer_to_binary, 1}]],
    [bif_calls:wrong(string, F, ["1.0"]) || F <- [list_to_integer, list_to_float]],
    Options = [[], [{decimals, 2}], [{decimals, 0}], [{decimals, 253}], [{decimals, 254}], [{decimals, -1}], [{decimals, 4}, compact], [compact],
               [{scientific, 3}], [{scientific, 249}], [{scientific, 250}], [{scientific, -1}], [short], [short, compact], [{decimals, 2}, short], [x],
               [{decimals, a}], short, [{decimals, 2} | x], [{decimals, 1}, {scientific, 2}]],
    bif_calls:calls(erlang, [{F, [V, O]} || F <- [float_to_list, float_to_binary], V <- [0.0, -0.0, 1.0, 0.1, 1.0e22, 1.0e23, 123456.789, 5.0e-324, 1.0e300], O <- Options]),
    bif_calls:calls(erlang, [{F, [V, B]} || F <- [integer_to_list, integer_to_binary], V <- [0, -1, 255, 1 bsl 100], B <- [2, 3, 10, 16, 36, 1, 37]]).
