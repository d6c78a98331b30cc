%% Streams that are read on demand: connecting, accepting, lengths, timeouts, putting back, closing from either side, errors.
-module(tcp_passive).
-export([main/0]).

main() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {reuseaddr, true}, {ip, {127,0,0,1}}]),
    {ok, {{127,0,0,1}, Port}} = inet:sockname(L),
    io:format("~p~n", [Port =:= element(2, inet:port(L))]),
    {C, S} = pair(L, Port),
    io:format("~p~n", [{inet:peername(S) =:= inet:sockname(C), inet:peername(C) =:= inet:sockname(S)}]),
    ok = gen_tcp:send(C, ["hel", <<"lo">>, [$ , "world" | <<"!">>]]),
    io:format("~p~n", [[gen_tcp:recv(S, 5), gen_tcp:recv(S, 1), gen_tcp:recv(S, 0)]]),
    io:format("timeouts ~p~n", [[gen_tcp:recv(S, 0, 0), gen_tcp:recv(S, 10, 20)]]),
    ok = gen_tcp:send(C, "12345"),
    timer:sleep(50),
    io:format("part stays ~p~n", [[gen_tcp:recv(S, 10, 20), gen_tcp:recv(S, 3, 100), gen_tcp:recv(S, 2, 100)]]),
    ok = gen_tcp:send(C, "abcdef"),
    {ok, <<"abc">>} = gen_tcp:recv(S, 3),
    ok = gen_tcp:unrecv(S, "xyz"),
    io:format("unrecv ~p~n", [[gen_tcp:recv(S, 4), gen_tcp:recv(S, 2)]]),
    %% More than fits anywhere at once
    Large = binary:copy(<<"0123456789">>, 300000),
    Me = self(),
    spawn_link(fun() -> ok = gen_tcp:send(C, [Large, "the end"]), Me ! sent end),
    {ok, Got} = gen_tcp:recv(S, byte_size(Large)),
    io:format("large ~p~n", [{Got =:= Large, gen_tcp:recv(S, 7), receive sent -> sent end}]),
    io:format("two readers ~p~n", [two_readers(C, S)]),
    io:format("wrong ~p~n", [[gen_tcp:recv(S, 16#4000001), prim_inet:connect(S, {127,0,0,1}, Port), inet:setopts(S, [{no_such, 1}]),
                              prim_inet:accept(S), prim_inet:listen(C), prim_inet:bind(C, {127,0,0,1}, 0)]]),
    %% Half closed
    ok = gen_tcp:shutdown(C, write),
    io:format("half ~p~n", [[gen_tcp:recv(S, 0), gen_tcp:send(S, "still"), gen_tcp:recv(S, 0), gen_tcp:send(S, "x")]]),
    io:format("~p~n", [[gen_tcp:recv(C, 0), gen_tcp:recv(C, 0), gen_tcp:recv(C, 0), gen_tcp:send(C, "x"), gen_tcp:send(C, "x")]]),
    [gen_tcp:close(X) || X <- [C, S]],
    io:format("closed ~p~n", [[gen_tcp:recv(C, 0), gen_tcp:send(C, "x"), inet:sockname(C), inet:peername(C), inet:setopts(C, [{active, true}]), gen_tcp:close(C)]]),
    keeps_half(L, Port),
    %% A reader learns of a close by somebody else
    {C2, S2} = pair(L, Port),
    Reader = spawn(fun() -> Me ! {reader, gen_tcp:recv(S2, 0)} end),
    _ = Reader,
    timer:sleep(50),
    ok = gen_tcp:close(S2),
    io:format("~p~n", [receive {reader, R} -> R after 2000 -> nothing end]),
    io:format("~p~n", [gen_tcp:recv(C2, 0)]),
    %% Nobody listens
    ok = gen_tcp:close(L),
    io:format("~p~n", [[gen_tcp:connect({127,0,0,1}, Port, []), gen_tcp:connect({127,0,0,1}, Port, [], 1000), gen_tcp:listen(0, [{ip, {8,8,8,8}}])]]).

keeps_half(L, Port) ->
    {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}, {exit_on_close, false}]),
    {ok, S} = gen_tcp:accept(L),
    ok = gen_tcp:shutdown(S, write),
    io:format("exit_on_close ~p~n", [[gen_tcp:recv(C, 0), gen_tcp:recv(C, 0), gen_tcp:send(C, "late"), gen_tcp:recv(S, 4)]]),
    gen_tcp:close(S),
    gen_tcp:close(C).

two_readers(C, S) ->
    Me = self(),
    spawn_link(fun() -> Me ! {first, gen_tcp:recv(S, 3)} end),
    timer:sleep(50),
    Second = gen_tcp:recv(S, 3),
    ok = gen_tcp:send(C, "abc"),
    {Second, receive {first, F} -> F end}.

pair(L, Port) ->
    {ok, C} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}]),
    {ok, S} = gen_tcp:accept(L),
    {C, S}.
