%% dbg, as people use it.
-module(with_dbg).
-export([main/0, f/1, g/1]).
-include_lib("stdlib/include/ms_transform.hrl").

f(X) -> g(X) + 1.
g(X) -> X * 2.

main() ->
    Me = self(),
    {ok, _} = dbg:tracer(process, {fun(E, N) -> Me ! {told, N, E}, N + 1 end, 0}),
    {ok, [{matched, _, _}]} = dbg:p(self(), [c]),
    io:format("~p~n", [dbg:tpl(?MODULE, g, 1, [])]),
    io:format("~p~n", [dbg:tp(?MODULE, f, x)]),
    f(1), ?MODULE:f(2),
    told(3),
    io:format("~p~n", [dbg:tpl(?MODULE, g, 1, dbg:fun2ms(fun([X]) when X > 3 -> return_trace() end))]),
    f(1), ?MODULE:f(5),
    told(3),
    {ok, [{matched, _, _}]} = dbg:ctp(),
    f(1), io:format("~p~n", [dbg:get_tracer() =/= {error, {no_tracer_on_node, node()}}]),
    io:format("~p~n", [dbg:stop_clear()]),
    io:format("~p~n", [receive {told, N, E} -> {N, element(4, E)} after 50 -> nothing end]).

told(0) -> ok;
told(N) -> receive {told, I, E} -> io:format("~p ~p~n", [I, traced:show(E, [{self(), me}])]), told(N - 1) after 5000 -> io:format("missing ~p~n", [N]) end.
