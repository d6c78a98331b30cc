%% Trees made and dropped while a large one stays alive.
-module(binary_trees).
-export([main/0]).

main() ->
    bench:cpu(fun() ->
        Long = tree(15),
        {[{D, lists:sum([check(tree(D)) || _ <- lists:seq(1, 1 bsl (14 - D + 4))])} || D <- [4, 8, 12]], check(Long)}
    end, {[{4,507904},{8,523264},{12,524224}],65535}).

tree(0) -> {nil, nil};
tree(D) -> {tree(D - 1), tree(D - 1)}.

check({nil, nil}) -> 1;
check({A, B}) -> 1 + check(A) + check(B).
