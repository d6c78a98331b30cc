%% sys: suspend, resume, get_status, change of code.
-module(sys_messages).
-export([main/0]).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2, code_change/3, format_status/2]).

main() ->
    {ok, P} = gen_server:start(?MODULE, s0, []),
    io:format("~p~n", [sys:suspend(P)]),
    io:format("~p~n", [catch element(1, element(2, catch gen_server:call(P, x, 20)))]),
    io:format("~p~n", [sys:change_code(P, ?MODULE, old, extra)]),
    io:format("~p~n", [sys:resume(P)]),
    io:format("~p~n", [sys:get_state(P)]),
    {status, P, {module, M}, [_, running, _, _, Misc]} = sys:get_status(P),
    io:format("~p ~p~n", [M, lists:last(Misc)]).

init(S) -> {ok, S}.

handle_call(_, _, S) -> {reply, S, S}.

handle_cast(_, S) -> {noreply, S}.

code_change(V, S, X) -> {ok, {V, S, X}}.

format_status(_, [_, S]) -> {shown, S}.
