%% An interpreter of expression trees with an environment, simplifying first.
-module(evaluator).
-export([main/0]).

main() ->
    Tree = tree(11, 1),
    bench:cpu(fun() -> loop(400, Tree, 0) end, -395049).

tree(0, S) -> case S rem 3 of 0 -> {var, x}; 1 -> {num, S rem 10}; 2 -> {var, y} end;
tree(D, S) ->
    Op = element(S rem 4 + 1, {add, mul, sub, 'if'}),
    case Op of
        'if' -> {'if', {less, {var, x}, {num, S rem 7}}, tree(D - 1, S * 5 + 1), tree(D - 1, S * 3 + 2)};
        _ -> {Op, tree(D - 1, S * 3 + 1), tree(D - 1, S * 7 + 2)}
    end.

loop(0, _, Acc) -> Acc;
loop(N, Tree, Acc) ->
    V = eval(simplify(Tree), [{y, N rem 5}, {x, N}]),
    loop(N - 1, Tree, (Acc + V) rem 1000003).

simplify({add, {num, 0}, E}) -> simplify(E);
simplify({mul, {num, 1}, E}) -> simplify(E);
simplify({mul, {num, 0}, _}) -> {num, 0};
simplify({add, {num, A}, {num, B}}) -> {num, A + B};
simplify({Op, A, B}) when Op =:= add; Op =:= mul; Op =:= sub -> {Op, simplify(A), simplify(B)};
simplify({'if', C, A, B}) -> {'if', C, simplify(A), simplify(B)};
simplify(E) -> E.

eval({num, N}, _) -> N;
eval({var, V}, Env) -> lookup(V, Env);
eval({add, A, B}, Env) -> eval(A, Env) + eval(B, Env);
eval({sub, A, B}, Env) -> eval(A, Env) - eval(B, Env);
eval({mul, A, B}, Env) -> (eval(A, Env) * eval(B, Env)) rem 10007;
eval({less, A, B}, Env) -> eval(A, Env) < eval(B, Env);
eval({'if', C, A, B}, Env) ->
    case eval(C, Env) of
        true -> eval(A, Env);
        false -> eval(B, Env)
    end.

lookup(V, [{V, X} | _]) -> X;
lookup(V, [_ | Env]) -> lookup(V, Env).
