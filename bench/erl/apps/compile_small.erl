%% OTP's parser, linter and formatter on a module's source.
-module(compile_small).
-export([main/0]).

main() ->
    Source = lists:append(["f" ++ integer_to_list(I) ++ "(X, [Y | Z]) when X > " ++ integer_to_list(I) ++
                           " -> A = {X, Y}, case Z of [] -> A; _ -> f" ++ integer_to_list(I) ++ "(X - 1, Z) end.\n" || I <- lists:seq(1, 80)]),
    bench:cpu(fun() -> lists:sum([pass(Source) || _ <- lists:seq(1, 8)]) end, 8 * 11013).

pass(Source) ->
    Forms = [begin {ok, T, _} = erl_scan:string(L), {ok, F} = erl_parse:parse_form(T), F end
             || L <- string:lexemes(Source, "\n"), L =/= []],
    length(lists:flatten([erl_pp:form(F) || F <- Forms])).
