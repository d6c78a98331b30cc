-module(forms).
-export([main/0]).
%% erl_scan, erl_parse, erl_eval, erl_pp, erl_lint, erl_expand_records, epp-free; io_lib_pretty; merl-like round trips.
main() ->
    P = fun(X) -> io:format("~tp~n", [X]) end,
    Text = "-module(t).\n-export([f/1]).\n-record(r, {a = 1, b}).\nf(X) when is_integer(X), X > 0; X =:= a -> case X of 1 -> #r{}; Y -> [Y || Y <- lists:seq(1, X), Y rem 2 =:= 0] end;\nf(_) -> try foo() of ok -> 1 catch error:E:S -> {E, S} after done end.\nfoo() -> <<1:8/little, \"x\">>, fun foo/0, fun(A) -> A end, #{a => 1}, receive x -> 1 after 10 -> 2 end.\n",
    Forms = scan(Text, 1),
    P(length(Forms)),
    [io:put_chars(erl_pp:form(F)) || F <- Forms],
    P(erl_lint:module(Forms, "t.erl")),
    P(eval("1 + 2 * 3.")),
    P(eval("X = 5, F = fun(N) -> N * X end, F(2).")),
    P(eval("[A || {A, b} <- [{1, b}, {2, c}]].")),
    P(eval("case {1, 2} of {X, Y} when X < Y -> yes; _ -> no end.")),
    P(eval("<<A:4, B:4>> = <<16#ab>>, {A, B}.")),
    P(eval("try 1/0 catch error:E -> E end.")),
    P(eval("#{a := V} = #{a => 1}, V.")),
    P(eval("begin X = 1, X end.")),
    P(catch eval("undefined_fun().")),
    P(catch eval("X + 1.")),
    P(erl_scan:string("a \"b\" $c 'D e' 16#ff 1.5 % comment\n.")),
    P(erl_scan:string("\"unterminated")),
    P(erl_scan:string("$")),
    P(erl_parse:parse_exprs(element(2, erl_scan:string("f(,).")))),
    {ok, Ts, _} = erl_scan:string("{a, [1, \"s\"], #{}}.", 1, [return, text]),
    P(Ts),
    P(erl_parse:parse_term(element(2, erl_scan:string("{a, [1, \"s\"], #{b => c}}.")))),
    P(erl_parse:abstract({a, [1], <<"b">>})),
    P(erl_parse:normalise(erl_parse:abstract(#{a => "x"}))),
    P(lists:flatten(io_lib_pretty:print({a, lists:seq(1, 30), "string", #{k => v}}, 5, 40, 10))),
    P(erl_anno:line(erl_anno:new({3, 4}))),
    P(erl_internal:bif(abs, 1)),
    P(erl_bits:system_bittypes()).
scan(Text, Line) ->
    case erl_scan:tokens([], Text, Line) of
        {done, {ok, Ts, L}, Rest} ->
            {ok, F} = erl_parse:parse_form(Ts),
            [F | scan(Rest, L)];
        _ -> []
    end.
eval(S) ->
    {ok, Ts, _} = erl_scan:string(S),
    {ok, Es} = erl_parse:parse_exprs(Ts),
    {value, V, _} = erl_eval:exprs(Es, []),
    V.
