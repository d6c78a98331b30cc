%% Sequential tracing.
-module(sequences).
-export([main/0, relay/1, child/1]).

main() ->
    Me = self(),
    put(out, []),
    [traced:show(X0, []) || X0 <- [self(), {a, [b]}]], ?MODULE:module_info(module),
    [code:ensure_loaded(M) || M <- [traced, seq_trace, proplists, lists]],
    out({seq_trace:get_token(), seq_trace:get_system_tracer()}),
    T = spawn(fun() -> tracer(Me, []) end),
    out(seq_trace:set_system_tracer(T)),
    out(seq_trace:get_system_tracer() =:= T),
    out([seq_trace:get_token(C) || C <- [send, 'receive', print, label, serial, timestamp, spawn]]),
    out([seq_trace:set_token(C, V) || {C, V} <- [{label, {my, "label"}}, {send, true}, {'receive', true}, {print, true}, {serial, {3, 5}}]]),
    out(show(seq_trace:get_token(), [{Me, me}])),
    out([seq_trace:get_token(C) || C <- [send, 'receive', print, label, timestamp]]),
    A = spawn(?MODULE, relay, [Me]),
    A ! {to, Me, hello}, receive {from, A, X} -> out(X) end,
    out(show(seq_trace:get_token(), [{Me, me}, {A, a}])),
    seq_trace:print(printed), seq_trace:print({my, "label"}, labelled), seq_trace:print(17, not_printed),
    events(T, [{Me, me}, {A, a}]),
    %% Without a token everything is quiet, and a message without one takes it away.
    Old = seq_trace:set_token([]),
    out({show(Old, [{Me, me}, {A, a}]), seq_trace:get_token()}),
    A ! {to, Me, again}, receive {from, A, Y} -> out(Y) end,
    out(seq_trace:get_token()),
    events(T, [{Me, me}, {A, a}]),
    seq_trace:set_token(Old),
    out(show(seq_trace:get_token(), [{Me, me}, {A, a}])),
    %% Spawning, timers, links, aliases.
    P = spawn(?MODULE, child, [Me]),
    receive {P, token, Tok} -> out(show(Tok, [{Me, me}, {P, p}])) end,
    events(T, [{Me, me}, {P, p}]),
    erlang:send_after(1, self(), timer), receive timer -> ok end,
    out(show(seq_trace:get_token(), [{Me, me}, {P, p}])),
    {Q, R} = spawn_monitor(fun() -> ok end), receive {'DOWN', R, process, Q, normal} -> ok end,
    out(show(seq_trace:get_token(), [{Me, me}, {P, p}, {Q, q}])),
    events(T, [{Me, me}, {Q, q}]),
    [out(try erlang:seq_trace(C, V) catch error:E -> E end) ||
        {C, V} <- [{label, 17}, {nonsense, true}, {send, maybe}, {serial, x}, {serial, {1, a}}, {sequential_trace_token, x}]],
    out(seq_trace:reset_trace()),
    out(seq_trace:get_token()),
    %% From match specifications.
    erlang:trace_pattern({lists, seq, 2}, [{[1, 1], [], [{set_seq_token, label, 4711}]}, {'_', [{is_seq_trace}], [{message, {get_seq_token}}]}], [local]),
    traced:run("tokens in specifications", [call], fun() ->
        lists:seq(1, 3), lists:seq(1, 1), lists:seq(1, 2), seq_trace:set_token([])
    end),
    erlang:trace_pattern({lists, seq, 2}, false, [local]),
    out(seq_trace:set_system_tracer(false) =:= T),
    [io:format("~p~n", [X1]) || X1 <- lists:reverse(get(out))].

%% Printing sends messages, too: it is done in the end.
out(X) -> put(out, [X | get(out)]).

relay(To) ->
    receive {to, Pid, X} -> Pid ! {from, self(), X}, relay(To) end.

child(Me) -> Me ! {self(), token, seq_trace:get_token()}.

events(T, Names) ->
    Old = seq_trace:set_token([]),
    T ! {get, self()},
    receive {events, L} -> [out(show(E, Names)) || E <- L] end,
    seq_trace:set_token(Old).

tracer(Me, L) ->
    receive
        {get, Me} -> Me ! {events, lists:reverse(L)}, tracer(Me, []);
        E -> tracer(Me, [E | L])
    end.

%% What the system does meanwhile counts, too: serials are only compared.
show({F, L, Serial, From, Previous}, Names) when is_integer(F) -> {F, L, Previous < Serial, traced:show(From, Names)};
show({seq_trace, L, {Type, {Previous, Serial}, From, To, Message}}, Names) ->
    {Type, L, Previous < Serial, traced:show(From, Names), traced:show(To, Names), message(Message, Names)};
show(X, Names) -> traced:show(X, Names).

message({P, token, Token}, Names) -> {traced:show(P, Names), token, show(Token, Names)};
message(M, Names) -> traced:show(M, Names).
