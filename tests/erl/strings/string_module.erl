%% The string module.
-module(string_module).
-export([main/0]).

main() ->
    io:format("~p~n", [[string:uppercase("straße"), string:lowercase(<<"ÅB"/utf8>>), string:trim("  a b "), string:split("a,b,c", ",", all), string:pad("x", 5, both, $-), string:length("e" ++ [16#301]),
                        string:reverse("abc"), string:slice("abcdef", 2, 3), string:find("hello", "l"), string:replace("aXbX", "X", "-", all), string:titlecase("abc")]]),
    io:format("~p~n", [[string:tokens("a b  c", " "), string:lexemes("a;b,,c", ";,"), string:join(["a", "b"], "-"), string:to_integer("12abc"), string:to_float("1.5e1x"), string:equal("A", "a", true),
                        string:prefix("abc", "ab"), string:take("aabbc", "ab"), string:chomp("line\n"), string:strip("xxaxx", both, $x), string:str("hello", "ll"), string:chr("abc", $b), string:casefold("ÀB")]]),
    io:format("~p~n", [[string:to_graphemes([16#1F468, 16#200D, 16#1F469, $a]), string:next_codepoint("ab"), string:is_empty(""), string:to_integer("x"), string:to_upper("abc"), string:nth_lexeme("a b c", 2, " "), string:concat("a", "b")]]).
