%% OTP's compiler as a program: the code it makes, errors and warnings, passes, what is made runs.
-module(erl_compiler).
-export([main/0]).

main() ->
    Forms = forms("-module(cp). -export([fact/1, area/1, parse/1, sum/1, m/1, f/1, try_it/1]). -record(sq, {side = 1}). "
                  "fact(0) -> 1; fact(N) when N > 0 -> N * fact(N - 1). "
                  "area(#sq{side = S}) -> S * S; area({circle, R}) -> 3.0 * R * R. "
                  "parse(<<N:8, B:N/binary, Rest/bits>>) -> {B, [X || <<X:4>> <= Rest]}; parse(_) -> error. "
                  "sum(L) -> lists:foldl(fun(X, A) -> X + A end, 0, [Y || Y <- L, is_integer(Y)]). "
                  "m(#{a := X} = M) -> M#{b => X, c => maps:size(M)}; m(M) -> map_size(M). "
                  "f(X) -> case X of [H | _] when H < 10 -> small; \"abc\" ++ T -> T; {_, _} = P -> P; _ -> other end. "
                  "try_it(F) -> try F() of V -> {ok, V} catch throw:T -> {thrown, T}; error:E:_ -> {error, E} after put(x, y) end."),
    {ok, cp, Bin, Warnings} = compile:forms(Forms, [return, deterministic]),
    io:format("~p ~p ~p~n", [Warnings, byte_size(Bin), erlang:phash2(Bin)]),
    {module, cp} = code:load_binary(cp, "cp", Bin),
    io:format("~p ~p ~p~n", [cp:fact(30), cp:area({sq, 5}), cp:area({circle, 2})]),
    io:format("~p ~p~n", [cp:parse(<<3, "abc", 16#12, 16#34>>), cp:parse(<<3, 1>>)]),
    io:format("~p ~p ~p~n", [cp:sum([1, a, 2, 3.0, 4]), cp:m(#{a => 1}), cp:m(#{})]),
    io:format("~p~n", [[cp:f(X) || X <- [[1], "abcdef", {1, 2}, x]]]),
    io:format("~p~n", [[cp:try_it(F) || F <- [fun() -> 1 end, fun() -> throw(t) end, fun() -> error(e) end]]]),
    {ok, cp, Core} = compile:forms(Forms, [to_core, binary]),
    io:format("~p~n", [erlang:phash2(Core)]),
    io:format("~ts~n", [core_pp:format(Core)]),
    bad("-module(x). -export([f/0]). f() -> Y. g() -> ok. g() -> ok."),
    bad("-module(x). -export([f/0]). f() -> X = 1, Z = 2, h(Z)."),
    bad("-module(x). -export([f/1]). f(X) -> #nope{a = X}."),
    bad("-module(x). f() -> ok. -behaviour(gen_server)."),
    bad("-module(x). -export([f/1]). f(X) when foo(X) -> X; f(Y) -> case Y of Z -> ok end, Z."),
    io:format("~p~n", [catch erl_parse:parse_form(element(2, erl_scan:string("f() -> .")))]),
    {value, V, _} = erl_eval:exprs(exprs("F = fun Fact(0) -> 1; Fact(N) -> N * Fact(N - 1) end, {F(20), [X * X || X <- lists:seq(1, 5)]}."), []),
    io:format("~p~n", [V]),
    io:format("~ts~n", [[erl_pp:form(F) || F <- Forms]]).

bad(Text) -> io:format("~p~n", [compile:forms(forms(Text), [return])]).

forms(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    split(Tokens, []).

split([{dot, _} = Dot | Rest], Form) ->
    {ok, F} = erl_parse:parse_form(lists:reverse(Form, [Dot])),
    [F | split(Rest, [])];
split([T | Rest], Form) -> split(Rest, [T | Form]);
split([], []) -> [].

exprs(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Es} = erl_parse:parse_exprs(Tokens),
    Es.
