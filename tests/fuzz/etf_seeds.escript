#!/usr/bin/env escript
%% First inputs of etf_fuzz: one file for each kind of term, in several forms.
main([Dir]) ->
    Fun = fun(X) -> {X, Dir} end,
    Terms = [0, 255, -1, 1 bsl 40, -(1 bsl 70), 1 bsl 3000, 1.5, a, 'æ', [], "abc", [1, 2 | 3], [a, [b]], {}, {a, 1}, list_to_tuple(lists:seq(1, 300)),
             <<>>, <<"bytes">>, <<5:3>>, <<0:800>>, #{}, #{a => 1, "b" => {}}, maps:from_list([{N, N} || N <- lists:seq(1, 40)]),
             self(), make_ref(), fun lists:map/2, Fun, hd(erlang:ports())],
    lists:foldl(fun(T, N) ->
                    Forms = [term_to_binary(T), term_to_binary(T, [{minor_version, 0}]), term_to_binary(T, [{minor_version, 2}]),
                             term_to_binary([T, T, T, T, T], [compressed])],
                    [ok = file:write_file(filename:join(Dir, integer_to_list(N) ++ [$a + K]), F) || {K, F} <- lists:enumerate(0, Forms)],
                    N + 1
                end, 0, Terms).
