%% Tokens of sequential tracing in exit signals.
-module(exit_tokens).
-export([main/0]).

main() ->
    Me = self(),
    [code:ensure_loaded(M) || M <- [traced, seq_trace, proplists, lists]],
    traced:show({a, [self()]}, []),
    process_flag(trap_exit, true),
    T = spawn(fun() -> tracer([]) end),
    seq_trace:set_system_tracer(T),
    Trapping = spawn(fun() -> process_flag(trap_exit, true), Me ! {self(), ready}, trap(Me) end),
    receive {Trapping, ready} -> ok end,
    Mortal = spawn(fun() -> receive never -> ok end end),
    Worker = spawn_link(fun() -> receive {go, Reason} -> exit(Reason) end end),
    Names = [{Me, me}, {Trapping, trapping}, {Mortal, mortal}, {Worker, worker}],
    token(),
    exit(Trapping, {my, "reason"}), receive {Trapping, G1} -> ok end,
    Got = show(G1, Names),
    E1 = events(T, Names),
    token(),
    exit(Mortal, bye), R = monitor(process, Mortal), receive {'DOWN', R, _, _, _} -> ok end,
    E2 = events(T, Names),
    %% The worker has a token when it ends, and its link carries it back.
    token(), Worker ! {go, [some, "reason"]}, seq_trace:set_token([]),
    receive {'EXIT', Worker, _} -> ok end,
    Back = show(seq_trace:get_token(), Names),
    E3 = events(T, Names),
    %% One without takes it away; a 'DOWN' does not.
    token(),
    W2 = spawn_link(fun() -> seq_trace:set_token([]), exit(bye) end), receive {'EXIT', W2, _} -> ok end,
    Lost = seq_trace:get_token(),
    events(T, Names),
    token(),
    {W3, M3} = spawn_monitor(fun() -> seq_trace:set_token([]), exit(bye) end), receive {'DOWN', M3, _, W3, _} -> ok end,
    Kept = seq_trace:get_token() =/= [],
    events(T, Names),
    token(),
    exit(Mortal, gone), exit(self(), to_myself), receive {'EXIT', Me, to_myself} -> ok end,
    Mine = seq_trace:get_token(),
    E4 = events(T, Names),
    %% A port that is linked to one that ends has no part in it.
    token(),
    {W4, M4} = spawn_monitor(fun() -> open_port({spawn, "cat"}, []), exit(with_port) end),
    WithPort = receive {'DOWN', M4, _, W4, Why} -> Why end,
    E5 = [E || E <- events(T, Names), element(1, element(3, E)) =/= spawn_request, false],
    token(),
    P = open_port({spawn, "true"}, []), receive {'EXIT', P, normal} -> ok end,
    AfterPort = seq_trace:get_token() =/= [],
    seq_trace:set_token([]),
    seq_trace:set_system_tracer(false),
    [io:format("~p~n", [X]) || X <- [Got, {first, E1}, {second, E2}, {back, Back}, {third, E3}, {lost, Lost}, {kept, Kept}, {fourth, E4, Mine}, {with_port, WithPort, E5}, {port, AfterPort}]].

token() -> seq_trace:reset_trace(), [seq_trace:set_token(C, V) || {C, V} <- [{label, {a, "label"}}, {send, true}, {'receive', true}]].

trap(Me) -> receive {'EXIT', _, _} -> Me ! {self(), seq_trace:get_token()}, trap(Me) end.

tracer(L) ->
    receive
        {all, From} -> From ! {self(), lists:reverse(L)}, tracer([]);
        E -> tracer([E | L])
    end.

events(T, Names) ->
    seq_trace:set_token([]),
    timer:sleep(20),
    T ! {all, self()}, receive {T, L} -> show(L, Names) end.

show(X, Names) -> traced:show(X, Names).
