%% Funs: closures, recursion by name, arity, info, equality.
-module(local_funs).
-export([main/0]).

main() ->
    N = id(10),
    Add = fun(X) -> X + N end,
    Fact = fun F(0) -> 1; F(K) -> K * F(K - 1) end,
    io:format("~p~n", [[Add(5), Fact(20), is_function(Add), is_function(Add, 1), is_function(Add, 2), lists:map(Add, [1, 2])]]),
    io:format("~p~n", [[erlang:fun_info(Add, K) || K <- [arity, env, type, name, module]]]),
    io:format("~p~n", [[Add =:= Add, Add =:= make(10), make(1) =:= make(1), make(1) =:= make(2), make(1) < make(2)]]),
    [try io:format("~p~n", [G()]) catch C:R -> io:format("~p ~p~n", [C, is_tuple(R) andalso element(1, R)]) end
     || G <- [fun() -> Add(1, 2) end, fun() -> (id(notfun))(1) end, fun() -> (id({a, b}))() end, fun() -> is_function(Add, -1) end]].

make(N) -> fun(X) -> X + N end.

id(X) -> X.
