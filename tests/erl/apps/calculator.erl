%% Expressions with names and functions: a scanner with positions, a parser by precedence, an evaluator, a printer, derivatives.
-module(calculator).
-export([main/0]).

main() ->
    Texts = ["1 + 2 * 3", "(1 + 2) * 3", "-2 ^ 2", "2 ^ 3 ^ 2", "10 / 4", "10 div 4 + 10 rem 4", "x * x - y", "max(1, x, 3)", "sqrt(16) + abs(-3)",
             "1 / 0", "unknown + 1", "1 +", "(1", "1 $ 2", "", "1 2", "f(1", "nosuch(1)", "2 ^ 100", "1.5e3 * 2", "x = 5", "1e400", "0.1 + 0.2",
             "sqrt(0 - 1)", "((((7))))", "1 - 2 - 3", "2 * (3 + 4) * 5"],
    [io:format("~-24s => ~ts~n", [T, show(evaluate(T, #{"x" => 7, "y" => 0.5}))]) || T <- Texts],
    [io:format("d/dx ~s = ~s~n", [T, print(simplify(derive(element(2, parse(T)))))]) || T <- ["x * x", "3 * x ^ 2 + 2 * x + 1", "x / (1 + x)", "y"]],
    Deep = lists:duplicate(20000, $() ++ "1" ++ lists:duplicate(20000, $)),
    io:format("~s~n", [show(evaluate(Deep, #{}))]).

show({ok, F}) when is_float(F) -> io_lib:format("~p", [F]);
show({ok, I}) -> integer_to_list(I);
show({error, E}) -> io_lib:format("error: ~ts", [describe(E)]).

describe({unexpected, {end_of_text, N}}) -> io_lib:format("the text ends at ~w", [N]);
describe({unexpected, {Kind, N}}) -> io_lib:format("~w at ~w", [Kind, N]);
describe({unexpected, {_, V, N}}) -> io_lib:format("~tp at ~w", [V, N]);
describe({bad_character, C, N}) -> io_lib:format("~tc at ~b", [C, N]);
describe({too_large, S}) -> ["too large: ", S];
describe(Other) -> io_lib:format("~tp", [Other]).

evaluate(Text, Names) ->
    case parse(Text) of
        {ok, Tree} ->
            try {ok, eval(Tree, Names)}
            catch error:badarith -> {error, arithmetic}; throw:T -> {error, T}
            end;
        Error -> Error
    end.

parse(Text) ->
    try
        {Tree, Rest} = expression(scan(Text, 1), 0),
        case Rest of
            [{end_of_text, _}] -> {ok, Tree};
            [T | _] -> {error, {unexpected, T}}
        end
    catch throw:E -> {error, E}
    end.

scan([], N) -> [{end_of_text, N}];
scan([C | S], N) when C =:= $\s; C =:= $\t -> scan(S, N + 1);
scan([C | _] = S, N) when C >= $0, C =< $9 ->
    {match, [{0, Length}]} = re:run(S, "^[0-9]+(\\.[0-9]+([eE][-+]?[0-9]+)?|[eE][0-9]+)?", [{capture, first, index}]),
    {Text, Rest} = lists:split(Length, S),
    [{number, number(Text), N} | scan(Rest, N + Length)];
scan([C | _] = S, N) when C >= $a, C =< $z ->
    {Name, Rest} = lists:splitwith(fun(D) -> D >= $a andalso D =< $z orelse D =:= $_ end, S),
    Token = case lists:member(Name, ["div", "rem"]) of
                true -> {list_to_atom(Name), N};
                false -> {name, Name, N}
            end,
    [Token | scan(Rest, N + length(Name))];
scan([C | S], N) ->
    case lists:member(C, "+-*/^(),") of
        true -> [{list_to_atom([C]), N} | scan(S, N + 1)];
        false -> throw({bad_character, C, N})
    end.

number(Text) ->
    case string:to_integer(Text) of
        {I, ""} -> I;
        {I, [E | Power]} when E =:= $e; E =:= $E -> number(integer_to_list(I) ++ ".0e" ++ Power);
        _ -> try list_to_float(Text) catch error:badarg -> throw({too_large, Text}) end
    end.

%% {binding on the left, on the right}
power('+') -> {1, 2};
power('-') -> {1, 2};
power('*') -> {3, 4};
power('/') -> {3, 4};
power('div') -> {3, 4};
power('rem') -> {3, 4};
power('^') -> {8, 7};
power(_) -> none.

expression(Tokens, Least) ->
    {Left, Rest} = operand(Tokens),
    infix(Left, Rest, Least).

infix(Left, [{Op, _} | Rest] = Tokens, Least) ->
    case power(Op) of
        {L, R} when L >= Least ->
            {Right, Rest1} = expression(Rest, R),
            infix({Op, Left, Right}, Rest1, Least);
        _ -> {Left, Tokens}
    end;
infix(Left, Tokens, _) -> {Left, Tokens}.

operand([{number, V, _} | T]) -> {V, T};
operand([{name, F, _}, {'(', _} | T]) -> arguments(F, [], T);
operand([{name, V, _} | T]) -> {{name, V}, T};
operand([{'-', _} | T]) ->
    {E, Rest} = expression(T, 5),
    {{neg, E}, Rest};
operand([{'(', _} | T]) ->
    case expression(T, 0) of
        {E, [{')', _} | Rest]} -> {E, Rest};
        {_, [Other | _]} -> throw({unexpected, Other})
    end;
operand([Other | _]) -> throw({unexpected, Other}).

arguments(F, Args, T) ->
    case expression(T, 0) of
        {E, [{',', _} | Rest]} -> arguments(F, [E | Args], Rest);
        {E, [{')', _} | Rest]} -> {{call, F, lists:reverse(Args, [E])}, Rest};
        {_, [Other | _]} -> throw({unexpected, Other})
    end.

eval(N, _) when is_number(N) -> N;
eval({name, V}, Names) -> case Names of #{V := N} -> N; #{} -> throw({unbound, V}) end;
eval({neg, E}, Names) -> -eval(E, Names);
eval({call, F, Args}, Names) -> call(F, [eval(A, Names) || A <- Args]);
eval({Op, A, B}, Names) -> op(Op, eval(A, Names), eval(B, Names)).

op('+', A, B) -> A + B;
op('-', A, B) -> A - B;
op('*', A, B) -> A * B;
op('/', A, B) -> A / B;
op('div', A, B) -> A div B;
op('rem', A, B) -> A rem B;
op('^', A, B) when is_integer(A), is_integer(B), B >= 0 -> lists:foldl(fun(_, P) -> P * A end, 1, lists:seq(1, B));
op('^', A, B) -> math:pow(A, B).

call("max", L) -> lists:max(L);
call("sqrt", [X]) -> math:sqrt(X);
call("abs", [X]) -> abs(X);
call(F, Args) -> throw({no_function, F, length(Args)}).

derive(N) when is_number(N) -> 0;
derive({name, "x"}) -> 1;
derive({name, _}) -> 0;
derive({'*', A, B}) -> {'+', {'*', derive(A), B}, {'*', A, derive(B)}};
derive({'/', A, B}) -> {'/', {'-', {'*', derive(A), B}, {'*', A, derive(B)}}, {'^', B, 2}};
derive({'^', A, N}) when is_integer(N) -> {'*', {'*', N, {'^', A, N - 1}}, derive(A)};
derive({Op, A, B}) -> {Op, derive(A), derive(B)}.

simplify({Op, A, B}) ->
    case {Op, simplify(A), simplify(B)} of
        {_, X, Y} when is_integer(X), is_integer(Y), Op =/= '/' -> op(Op, X, Y);
        {'*', 0, _} -> 0; {'*', _, 0} -> 0; {'*', 1, X} -> X; {'*', X, 1} -> X;
        {'+', 0, X} -> X; {'+', X, 0} -> X; {'-', X, 0} -> X; {'^', X, 1} -> X;
        Same -> Same
    end;
simplify(E) -> E.

print(N) when is_number(N) -> io_lib:format("~w", [N]);
print({name, V}) -> V;
print({Op, A, B}) -> io_lib:format("(~s ~s ~s)", [print(A), Op, print(B)]).
