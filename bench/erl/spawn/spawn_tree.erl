%% A tree of processes, each waiting for its two children.
-module(spawn_tree).
-export([main/0]).

main() -> bench:cpu(fun() -> tree(16) end, 131071).

tree(0) -> 1;
tree(D) ->
    Self = self(),
    [spawn(fun() -> Self ! {sum, tree(D - 1)} end) || _ <- [left, right]],
    1 + receive {sum, A} -> A end + receive {sum, B} -> B end.
