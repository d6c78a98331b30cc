%% Writes tests/facts/regex.facts: what erl (with PCRE 8) answers to calls of the module re. One line a call, as in binaries.erl;
%% the code of compiled patterns is left out. Run: escript tests/facts/regex.erl > tests/facts/regex.facts
-mode(compile).
main(_) ->
    io:setopts([{encoding, latin1}]),
    lists:foreach(fun({F, As}) ->
        R = try {ok, strip(apply(re, F, As))} catch C:Why -> {C, Why} end,
        io:format("~w.~n", [{re, F, As, R}])
    end, calls()).

strip({ok, {re_pattern, N, U, C, _}}) -> {ok, {re_pattern, N, U, C}};
strip(X) -> X.

calls() -> compile_calls() ++ option_calls() ++ capture_calls() ++ match_calls() ++ global_calls() ++ class_calls().

compile_calls() ->
    [{compile, [P]} || P <- ["", "a", "(a)(?<n>b)", "(a", "a)", "[a", "*a", "a**", "(?z)", "a{3,1}", "a{70000}", "[b-a]", "(?#abc", "\\1",
        "(?1)", "[[:foo:]]", "[[.a.]]", "[:alpha:]", "a\\", "(?<n>a)(?<n>b)", "(?P>", "(?P=", "(?P!a)", "(?&", "\\L", "\\u", "\\k<foo>",
        "x{2}{3}", "x+++", "^*", "(*FOO)", "(?C256)", "(?(1a)b)", "(?<1a>a)", "(?<a", "\\j\\y\\m", "(?<", "a|*", "(?<a>.)(?<b>.)\\k<c>", "(*CRLF)a", "(*ANY)a",
        "(*UTF8)a", "\\y\\y(", "(?>a", "\\c", "[", "(", "?", "\\x{zz}", "\\p{foo}", "(?R", a, [a], [300], <<1:9>>, 1]] ++
    [{compile, [<<"(a)">>, O]} || O <- [[], [unicode], [{newline, crlf}], [{newline, any}], [{newline, anycrlf}], [{newline, cr}], [{newline, lf}],
        [foo], a, [anchored | x], [global], [{newline, foo}], [notempty], [{capture, all}], [unicode, caseless, dotall, multiline, extended, firstline,
        dollar_endonly, no_auto_capture, dupnames, ungreedy, bsr_anycrlf, no_start_optimize, ucp, anchored], [never_utf]]] ++
    [{compile, [P, [unicode]]} || P <- [<<255>>, <<"ab", 255>>, <<196, 128>>, "a"]].

option_calls() ->
    S = "abcabc",
    [{run, [S, P, O]} || {P, O} <- [{"b", [{offset, 2}]}, {"b", [{offset, 6}]}, {"b", [{offset, -1}]}, {"b", [{offset, a}]}, {"b", [{offset, 1 bsl 70}]},
        {"b", [{offset, 2}, {offset, 0}]}, {"b", [anchored]}, {"b", [anchored, {offset, 1}]}, {"x*", [notempty]}, {"x*", [notempty_atstart]}, {"^a", [notbol]},
        {"c$", [noteol]}, {"b", [{match_limit, 1}]}, {"b", [{match_limit, -1}]}, {"b", [foo]}, {"b", a}, {"b", [anchored | a]}, {"B", [caseless]},
        {"b", [{newline, lf}, caseless, bsr_unicode]}, {"(", []}, {"(", [report_errors]}, {"(", [global, report_errors]}, {"b", [global, foo]},
        {"b", [{capture, foo}]}, {"b", [{capture, all, foo}]}, {"b", [{foo, 1}]}, {"b", [{capture, all, list, x}]}, {"^b", [{offset, 1}]}, {"\\Gb", [{offset, 1}]},
        {"(?<=a)b", [{offset, 1}]}, {"b c", [extended]}, {"a.*c", [ungreedy]}, {"(a)(b)", [no_auto_capture]}, {a, []}, {<<1:9>>, []}]] ++
    [{run, [X, "a"]} || X <- [a, <<1:9>>, [<<1:9>>], [[97], <<"b">> | <<"c">>], <<>>, [], [256], [-1]]] ++
    [{run, ["abc", P]} || P <- [{re_pattern, 0, 0, 0, <<>>}, {re_pattern, 0, 0, 0, binary:copy(<<"x">>, 80)}, {re_pattern, 0, 0, 0, a}, {a, b}]] ++
    [{run, [X, P, [unicode | O]]} || {X, P, O} <- [{<<255>>, <<".">>, []}, {<<"a", 255>>, <<"a">>, []}, {<<"a", 196, 128>>, <<"a">>, [{offset, 2}]},
        {<<196, 128, "b">>, <<"b">>, []}, {<<196, 128, "b">>, <<196, 128>>, [{capture, all, list}]}, {<<196, 128, "b">>, <<".">>, [{capture, all, binary}]},
        {<<195, 132>>, <<195, 164>>, [caseless]}, {<<195, 132, 98>>, <<"\\w+">>, []}, {<<196, 128, 98>>, <<"\\w+">>, []}, {<<196, 128, 98>>, <<"\\w+">>, [ucp]},
        {<<225, 186, 158>>, <<195, 159>>, [caseless]}, {<<"a">>, <<255>>, []}]].

capture_calls() ->
    S = "ABCabcdABC", P = "((?<FOO>abdd)|a(..d))",
    [{run, [S, P, [{capture, W}]]} || W <- [all, all_but_first, first, none, [], all_names, [1, 2, 3, 4, 'FOO', "FOO", <<"FOO">>, "BAR", bar], [0],
        [1 | 2], [-1], [1.0], [1 bsl 70], [[300]], [3, 'FOO', 3], [(1 bsl 32) + 1]]] ++
    [{run, [S, P, [{capture, W, T}]]} || W <- [all, all_but_first, first, none, all_names, [1, 2, 3, 4, 'FOO', "BAR"]], T <- [index, list, binary]] ++
    [{run, [S, Q, [{capture, W, binary}]]} || Q <- ["abc", "(abc)(x)?(y)?", "(abc)(x)?(d)", "(?<b>b)(?<a>c)"], W <- [all, all_but_first, all_names]] ++
    [{run, ["b", "(?<b>a)|(?<b>b)", [dupnames, {capture, W, binary}]]} || W <- [all_names, [b], all]] ++
    [{run, ["abc", "b", [{capture, all}, {capture, none}]]}, {run, ["abc", "b", [{capture, none}, {capture, all}]]}].

match_calls() ->
    Subjects = ["", "a", "b", "ab", "aab", "abab", "foobar foo", "a\nb", "a\nb\n", "a\r\nb", "xxaxxbxx", "aaaaaaaaab", "2024-01-31", "key=value; k2=v2",
                "(a(b)c)", "<b>x</b><b>y</b>", "a.b.c", [0, 255, 10], "AbCd", "tel 555-1234 x"],
    Patterns = ["", "a", "a*", "a+b", "a|b", "(a|ab)(c|bcd)?", "(a*)(b*)", "^a", "b$", "^", "$", "a.b", "(?s)a.b", "(?m)^b", "(?m)a$", "[^a]+", "\\d+", "\\w+", "\\s",
                "(\\d+)-(\\d+)", "(\\w+)=(\\w+)", "(foo)|(bar)", "(?:x*)a(?:x*)", "<(\\w)>(.*?)</\\1>", "(a+)+b", "(?=.*b)a", "(?<!a)b", "a{2,3}", "a{2,}?", "(a)?b",
                "\\bfoo\\b", "[a-c]+$", "(x+)(x*)", "(?>a+)b", "a++b", "\\Aa", "b\\z", "b\\Z", "\\R", "\\N+", "(?|(a)|(b))", "(a(?R)?b)", "\\x41", "[[:upper:]]", "\\Q.\\E",
                "(?i)ABC", "a(?#c)b", "(?(?=a)ab|b)", "(ab)*", "((a)|(b))*", "(a|)+", "(?:a?)*?b", "b??", "\\.", "[.]", "[]a]", "[^]a]", "[\\w.]+", "\\h\\d", "a\\Kb", "(?<y>\\d{4})-(?<m>\\d\\d)"],
    [{run, [S, P]} || S <- Subjects, P <- Patterns].

global_calls() ->
    [{run, [S, P, [global | O]]} || {S, P} <- [{"abcabc", "b"}, {"abcabc", "x*"}, {"abcabc", "x"}, {"abcabc", "(b)(x)?"}, {"abcabc", "(?<n>b)"}, {"a\r\nb", "^"},
        {"a\r\nb", "$"}, {"a\r\nb", "x*"}, {"aabaa", "a*"}, {"aabaa", "a*?"}, {"aabaa", "\\b|a"}, {"", ""}, {"abc", "(?=b)|c"}, {"aaa", "a|(?=a)"}, {"xaxbx", "(?<=x)|b"}],
        O <- [[], [{capture, none}], [{capture, all_but_first, binary}], [{capture, all_names, binary}], [{capture, [1, 2], list}], [{offset, 3}],
              [multiline, {newline, crlf}], [multiline, {newline, any}], [multiline], [anchored], [notempty], [{capture, first, list}]]] ++
    [{run, [<<228/utf8, "b", 8364/utf8>>, P, [unicode, global | O]]} || P <- [<<"">>, <<".">>, <<"b*">>, <<"x|(?=b)">>], O <- [[], [{capture, all, list}]]].

class_calls() ->
    High = lists:seq(128, 255),
    [{run, [High, P, [global, {capture, all, list}]]} || P <- ["[[:alpha:]]+", "\\w+", "[[:upper:]]+", "[[:lower:]]+", "[[:punct:]]+", "[[:print:]]+", "[[:graph:]]+",
        "[[:cntrl:]]+", "\\s+", "[[:space:]]+", "\\h", "\\v", "\\d", "[[:alnum:]]+"]] ++
    [{run, [High, [P], [caseless, global]]} || P <- [192, 214, 215, 222, 223, 224, 246, 247, 254, 255, 181]].
