%% A scanner of source text over a list of characters, and OTP's own.
-module(lexer).
-export([main/0]).

main() ->
    Source = lists:append(lists:duplicate(60, "foo(X, Y1) when X >= 10 -> {ok, [X + 1, \"text\", 'Atom'|Y1]}; % note\n")),
    bench:cpu(fun() ->
        {ok, Tokens, _} = erl_scan:string(Source),
        {length(Tokens), length(lex(Source, [])), length(lex(lists:append(lists:duplicate(20, Source)), []))}
    end, {1620,1740,34800}).

lex([], Acc) -> lists:reverse(Acc);
lex([C | Cs], Acc) when C =:= $\s; C =:= $\n; C =:= $\t -> lex(Cs, Acc);
lex([$% | Cs], Acc) -> lex(lists:dropwhile(fun(C) -> C =/= $\n end, Cs), Acc);
lex([$" | Cs], Acc) -> {S, [_ | R]} = lists:splitwith(fun(C) -> C =/= $" end, Cs), lex(R, [{string, S} | Acc]);
lex([$- , $> | Cs], Acc) -> lex(Cs, [arrow | Acc]);
lex([$> , $= | Cs], Acc) -> lex(Cs, [ge | Acc]);
lex([C | _] = Cs, Acc) when C >= $a, C =< $z -> word(Cs, [], atom, Acc);
lex([C | _] = Cs, Acc) when C >= $A, C =< $Z -> word(Cs, [], var, Acc);
lex([C | _] = Cs, Acc) when C >= $0, C =< $9 -> number(Cs, 0, Acc);
lex([C | Cs], Acc) -> lex(Cs, [C | Acc]).

word([C | Cs], W, T, Acc) when C >= $a, C =< $z; C >= $A, C =< $Z; C >= $0, C =< $9; C =:= $_ -> word(Cs, [C | W], T, Acc);
word(Cs, W, T, Acc) -> lex(Cs, [{T, lists:reverse(W)} | Acc]).

number([C | Cs], N, Acc) when C >= $0, C =< $9 -> number(Cs, N * 10 + C - $0, Acc);
number(Cs, N, Acc) -> lex(Cs, [{integer, N} | Acc]).
