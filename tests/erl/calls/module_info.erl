%% module_info of a compiled module and generated functions.
-module(module_info).
-export([main/0]).
-export([other/3]).
-vsn(42).
-author(somebody).

other(A, B, C) -> {A, B, C}.

main() ->
    io:format("~p~n", [lists:sort(?MODULE:module_info(exports))]),
    io:format("~p~n", [lists:sort(?MODULE:module_info(attributes))]),
    io:format("~p~n", [?MODULE:module_info(module)]),
    io:format("~p~n", [is_binary(?MODULE:module_info(md5))]),
    io:format("~p~n", [lists:sort([K || {K, _} <- ?MODULE:module_info()])]),
    io:format("~p~n", [lists:sort(proplists:get_keys(?MODULE:module_info(compile)))]),
    io:format("~p~n", [lists:sort(?MODULE:module_info(functions))]),
    io:format("~p~n", [catch ?MODULE:module_info(nonsense)]),
    io:format("~p~n", [[erlang:function_exported(?MODULE, F, A) || {F, A} <- [{main, 0}, {nope, 0}, {other, 3}]]]),
    io:format("~p~n", [[erlang:is_builtin(erlang, F, A) || {F, A} <- [{self, 0}, {nope, 0}]]]).
