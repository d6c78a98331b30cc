%% A running server looked at and changed through sys: get_state, replace_state, get_status, trace to a device, log, statistics,
%% debug functions, change of code with a migration, suspension.
-module(hot_state).
-behaviour(gen_server).
-export([main/0, debug/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, code_change/3, format_status/2, terminate/2]).

main() ->
    {ok, S} = gen_server:start_link({local, hot}, ?MODULE, 10, []),
    io:format("~p~n", [sys:get_state(hot)]),
    io:format("~p~n", [sys:replace_state(hot, fun({n, N}) -> {n, N * 2} end)]),
    {'EXIT', {{callback_failed, Where, What}, _}} = (catch sys:replace_state(hot, fun(_) -> error(no) end)),
    io:format("~p ~p~n", [Where, element(1, What)]),
    ok = sys:trace(hot, true),
    gen_server:cast(hot, {add, 6}),
    S ! {info, 7},
    gen_server:cast(hot, continue),
    ok = sys:trace(hot, false),
    ok = sys:log(hot, {true, 3}),
    [gen_server:cast(hot, {add, I}) || I <- lists:seq(1, 5)],
    {ok, Log} = sys:log(hot, get),
    io:format("~p~n", [[E || E <- Log]]),
    sys:log(hot, print),
    ok = sys:log(hot, false),
    ok = sys:statistics(hot, true),
    [gen_server:call(hot, {add, 1}) || _ <- [1, 2, 3]],
    {ok, Statistics} = sys:statistics(hot, get),
    io:format("~p~n", [[X || {K, _} = X <- Statistics, K =/= start_time, K =/= current_time, K =/= reductions]]),
    ok = sys:statistics(hot, false),
    ok = sys:install(hot, {fun ?MODULE:debug/3, {self(), 2}}),
    [gen_server:cast(hot, {add, I}) || I <- [100, 200, 300]],
    gen_server:call(hot, get),
    heard(),
    ok = sys:no_debug(hot),
    ok = sys:suspend(hot),
    gen_server:cast(hot, {add, 1000}),
    io:format("~p~n", [sys:get_state(hot)]),
    {status, S, _, [Dictionary, Mode, Parent, Debug, _]} = sys:get_status(hot),
    io:format("~p ~p ~p ~p~n", [lists:keymember('$initial_call', 1, Dictionary), Mode, Parent =:= self(), Debug]),
    ok = sys:change_code(hot, ?MODULE, "1.0", [{factor, 3}]),
    {error, Reason} = sys:change_code(hot, ?MODULE, bad, []),
    io:format("~p~n", [Reason]),
    ok = sys:resume(hot),
    io:format("~p~n", [gen_server:call(hot, get)]),
    {status, S, {module, gen_server}, [_, running, _, [], [{header, Header}, {data, Data}, Rest]]} = sys:get_status(hot),
    io:format("~s~n~p~n~p~n", [Header, lists:keydelete("Parent", 1, Data), Rest]),
    Monitor = monitor(process, S),
    Terminated = sys:terminate(hot, normal),
    receive {'DOWN', Monitor, process, S, Why} -> io:format("~p ~p~n", [Terminated, Why]) end,
    io:format("~p~n", [catch element(1, element(2, catch sys:get_state(hot, 100)))]).

heard() -> receive {debug, E} -> io:format("~p~n", [E]), heard() after 150 -> ok end.

debug({_, 0}, _, _) -> done;
debug({Pid, N}, Event, State) ->
    Pid ! {debug, {Event, State}},
    {Pid, N - 1}.

init(N) -> {ok, {n, N}}.
handle_call({add, I}, _, {n, N}) -> {reply, N, {n, N + I}};
handle_call(get, _, S) -> {reply, S, S}.
handle_cast(continue, S) -> {noreply, S, {continue, now}};
handle_cast({add, I}, {n, N}) -> {noreply, {n, N + I}};
handle_cast({add, I}, {m, V, N}) -> {noreply, {m, V, N + I}}.
handle_info({info, I}, {n, N}) -> {noreply, {n, N - I}}.
handle_continue(now, {n, N}) -> {noreply, {n, -N}}.
code_change(bad, _, _) -> {error, will_not};
code_change(Old, {n, N}, [{factor, F}]) -> {ok, {m, Old, N * F}}.
format_status(normal, [_, S]) -> [{data, [{"Shown", S}]}];
format_status(terminate, [_, S]) -> S.
terminate(Why, S) -> io:format("terminate ~p ~p~n", [Why, S]).
