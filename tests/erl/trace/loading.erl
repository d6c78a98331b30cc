%% Patterns and modules that are replaced, deleted, loaded.
-module(loading).
-export([main/0]).

main() ->
    load(1),
    2 = erlang:trace_pattern({trace_loaded, f, 1}, true, [local]) + erlang:trace_pattern({trace_loaded, g, 1}, true, []),
    traced:run("before", [call], fun calls/0),
    info(),
    load(2),
    traced:run("replaced", [call], fun calls/0),
    info(),
    code:purge(trace_loaded),
    erlang:trace_pattern(on_load, [{[7], [], []}], [local]),
    io:format("~p~n", [erlang:trace_info(on_load, all)]),
    load(3),
    traced:run("on_load, local", [call], fun calls/0),
    info(),
    code:purge(trace_loaded),
    erlang:trace_pattern(on_load, false, [local]),
    io:format("~p~n", [erlang:trace_info(on_load, all)]),
    erlang:trace_pattern(on_load, true, []),
    io:format("~p~n", [erlang:trace_info(on_load, all)]),
    load(4),
    traced:run("on_load, global", [call], fun calls/0),
    info(),
    erlang:trace_pattern(on_load, false, []),
    io:format("~p~n", [erlang:trace_info(on_load, all)]),
    code:purge(trace_loaded),
    erlang:trace_pattern(on_load, true, [call_count]),
    io:format("~p~n", [erlang:trace_info(on_load, all)]),
    load(5), calls(),
    info(),
    io:format("~p~n", [erlang:trace_info({trace_loaded, f, 1}, call_count)]),
    erlang:trace_pattern(on_load, false, [call_count]),
    code:delete(trace_loaded),
    info(),
    code:purge(trace_loaded).

calls() -> trace_loaded:f(7), trace_loaded:g(7).

info() ->
    io:format("~p~n", [[erlang:trace_info({trace_loaded, F, 1}, traced) || F <- [f, g, h]]]).

load(N) ->
    Forms = [scan(T) || T <- ["-module(trace_loaded).", "-export([f/1, g/1]).", "f(X) -> {h(X)}.", "g(X) -> [h(X)].",
                              "h(X) -> {X, " ++ integer_to_list(N) ++ "}."]],
    {ok, trace_loaded, Code} = compile:forms(Forms, []),
    {module, trace_loaded} = code:load_binary(trace_loaded, "trace_loaded.erl", Code).

scan(Text) -> {ok, Tokens, _} = erl_scan:string(Text), {ok, Form} = erl_parse:parse_form(Tokens), Form.
