%% gen_server: call, cast, info, continue, timeout, stop.
-module(gen_server_calls).
-export([main/0]).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2]).

main() ->
    {ok, P} = gen_server:start_link({local, counter}, ?MODULE, 10, []),
    io:format("~p~n", [gen_server:call(P, get)]),
    gen_server:cast(counter, {add, 5}),
    io:format("~p~n", [gen_server:call(counter, get)]),
    P ! {add_info, 1},
    io:format("~p~n", [gen_server:call(P, later)]),
    io:format("~p~n", [sys:get_state(P)]),
    io:format("~p~n", [sys:replace_state(P, fun(X) -> X * 2 end)]),
    io:format("~p~n", [element(1, element(2, catch gen_server:call(P, no_reply, 20)))]),
    io:format("~p~n", [gen_server:start_link({local, counter}, ?MODULE, 1, []) =:= {error, {already_started, P}}]),
    io:format("~p~n", [gen_server:stop(P)]),
    io:format("~p~n", [whereis(counter)]),
    io:format("~p~n", [catch gen_server:call(counter, get)]),
    io:format("~p~n", [gen_server:start(?MODULE, stop_now, [])]),
    io:format("~p~n", [gen_server:start(?MODULE, ignore, [])]),
    {ok, Q} = gen_server:start(?MODULE, 0, []),
    R = gen_server:send_request(Q, get),
    io:format("~p~n", [gen_server:wait_response(R, 1000)]),
    io:format("~p~n", [catch gen_server:call(Q, die)]).

init(stop_now) -> {stop, not_today};
init(ignore) -> ignore;
init(N) -> {ok, N, {continue, started}}.

handle_continue(started, N) -> io:format("continue ~p~n", [N]), {noreply, N}.

handle_call(get, _, N) -> {reply, N, N};
handle_call(later, From, N) -> gen_server:reply(From, {later, N}), {noreply, N};
handle_call(die, _, N) -> {stop, normal, dying, N};
handle_call(no_reply, _, N) -> {noreply, N}.

handle_cast({add, K}, N) -> {noreply, N + K}.

handle_info({add_info, K}, N) -> {noreply, N + K}.

terminate(Why, N) -> io:format("terminate ~p ~p~n", [Why, N]).
