%% erl_scan, erl_parse, erl_eval and erl_pp.
-module(scan_parse_eval).
-export([main/0]).

main() ->
    [io:format("~ts~n~p~n", [S, eval(S)])
     || S <- ["1 + 2 * 3.", "[X * 2 || X <- lists:seq(1, 5), X rem 2 =:= 1].", "F = fun(0, _) -> done; (N, G) -> G(N - 1, G) end, F(10, F).",
              "case {a, 1} of {a, X} when X > 0 -> X end.", "try 1 / 0 catch error:E -> E end.", "#{a => 1, b => \"x\"}.", "<<1, 2:16, \"abc\">>.", "begin A = 1, B = A + 1, {A, B} end.",
              "receive x -> 1 after 0 -> 2 end.", "lists:map(fun erlang:abs/1, [-1, 2])."]],
    io:format("~p~n", [erl_scan:string("foo(X) -> 'a b', \"str\", 1.5e3, $a, 16#ff.")]),
    io:format("~p~n", [erl_scan:string("'abc")]),
    {ok, Ts, _} = erl_scan:string("f(X) when X > 1 -> [X | g(X)]; f(_) -> ok."),
    {ok, Form} = erl_parse:parse_form(Ts),
    io:format("~p~n~s~n", [Form, erl_pp:form(Form)]),
    {ok, Bad, _} = erl_scan:string("f( -> ."),
    io:format("~p~n", [erl_parse:parse_exprs(Bad)]),
    io:format("~p~n", [erl_parse:normalise(erl_parse:abstract({a, [1, "x"], #{}}))]).

eval(S) ->
    {ok, Tokens, _} = erl_scan:string(S),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    {value, V, _} = erl_eval:exprs(Exprs, []),
    V.
