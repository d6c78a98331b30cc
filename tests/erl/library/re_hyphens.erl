%% A hyphen in a class behind \d and the like, or behind a POSIX class, is a character; before one it is an error.
-module(re_hyphens).
-export([main/0]).

main() ->
    [io:format("~s ~p ~p ~p~n", [Pattern, Options, Subject, try re:run(Subject, Pattern, Options ++ [{capture, all, list}]) catch error:badarg -> re:compile(Pattern, Options) end])
     || Pattern <- ["[\\w-.]+", "^[\\w-\\.]+@([\\w-]+\\.)*", "[\\d-z]+", "[^\\d-z]+", "[\\D-z]+", "[\\s-\\S]+", "[[:digit:]-z]+", "[a[:alpha:]-\\d]+", "[\\d-a-c]+",
                    "[a-\\d]+", "[a-[:digit:]]+", "[\\d-]+", "[\\d-\\]]+", "[\\pL-.]+", "[\\Q\\d-z\\E]", "[\\d-\\x7a]+", "[\\d-z]\\q[\\w-.]("],
        Options <- [[], [unicode], [extended, caseless]],
        Subject <- ["a-b.c@x", "12-34z", "-"]].
