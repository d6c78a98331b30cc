%% External funs: printing, equality, info, calling.
-module(external_funs).
-export([main/0]).

main() ->
    F = fun lists:reverse/1,
    M = id(lists),
    io:format("~p ~w~n", [F, F]),
    io:format("~p~n", [[F([1, 2]), F =:= fun M:reverse/1, F =:= fun lists:reverse/2, is_function(F, 1), erlang:fun_info(F, type), erlang:fun_info(F, module), erlang:fun_info(F, name),
                        erlang:fun_info(F, arity), erlang:fun_info(F, env), erlang:make_fun(erlang, self, 0), F < fun lists:reverse/2]]),
    io:format("~p~n", [erlang:fun_to_list(F)]),
    io:format("~p~n", [catch_it(fun() -> (fun lists:nope/0)() end)]).

id(X) -> X.

catch_it(F) -> try F() catch C:R -> {C, R} end.
