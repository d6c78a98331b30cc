%% spawn/1,3, spawn_opt, spawn_monitor, spawn_request and bad arguments.
-module(spawn_forms).
-export([main/0]).
-export([hello/2]).

main() ->
    S = self(),
    spawn(?MODULE, hello, [S, mfa]), w(),
    spawn(fun() -> S ! {hello, 'fun'} end), w(),
    spawn_link(?MODULE, hello, [S, linked]), w(),
    {P, R} = spawn_opt(?MODULE, hello, [S, opt], [monitor, {priority, high}, {min_heap_size, 1000}]), w(),
    io:format("~p~n", [receive {'DOWN', R, process, P, Why} -> Why end]),
    ReqId = spawn_request(?MODULE, hello, [S, request], [{reply_tag, tag}]),
    io:format("~p~n", [receive {tag, ReqId, ok, Q} -> is_pid(Q) end]), w(),
    [try F() of V -> io:format("~p~n", [is_pid(V)]) catch C:E -> io:format("~p ~p~n", [C, E]) end
     || F <- [fun() -> spawn(id(a), b, c) end, fun() -> spawn_opt(fun() -> ok end, [id(bad)]) end, fun() -> spawn(fun(_) -> ok end) end, fun() -> spawn(m, f, [a | b]) end]].

hello(To, What) -> To ! {hello, What}.

w() -> receive {hello, X} -> io:format("~p~n", [X]) after 30000 -> io:format("nothing~n") end.

id(X) -> X.
