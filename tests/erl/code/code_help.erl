%% Modules made while a test runs.
-module(code_help).
-export([module/2, load/2, show/1, purge/1]).

%% The BEAM file of a module of these forms, one string each.
module(Name, Lines) ->
    Forms = [form(L) || L <- ["-module(" ++ atom_to_list(Name) ++ ")." | Lines]],
    {ok, Name, Bin} = compile:forms(Forms, []),
    Bin.

form(Line) ->
    {ok, Tokens, _} = erl_scan:string(Line),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.

load(Name, Lines) -> code:load_binary(Name, atom_to_list(Name) ++ ".beam", module(Name, Lines)).

purge(Name) -> code:purge(Name), code:delete(Name), code:purge(Name).

%% What F returns, or raises, without lines and references.
show(F) ->
    io:format("~p~n", [try F()
                       catch C:E:S -> {C, E, [plain(X) || X <- lists:sublist(S, 2)]}
                       end]).

plain({M, F, As, Info}) when is_list(As), length(As) > 0 -> {M, F, length(As), [K || {K, _} <- Info, K =:= error_info]};
plain({M, F, A, Info}) -> {M, F, A, [K || {K, _} <- Info, K =:= error_info]}.
