%% Lines and files beyond what stack traces can tell: they leave the place out.
-module(line_limits).
-export([main/0]).

main() ->
    Lines = [1, 5, 16#fffffd, 16#fffffe, 16#ffffff, 16#1000000, 16#1000001, 100000003],
    [show(Line, load([{attribute, 1, file, {"f.erl", 1}}, function(a, Line, Line + 1), function(b, Line, 1)])) || Line <- Lines],
    Files = lists:seq(1, 270),
    Many = load(lists:append([[{attribute, 1, file, {"f" ++ integer_to_list(N) ++ ".erl", N}}, function(name(N), N, N)] || N <- Files])),
    [io:format("~p ~p~n", [N, place(fun() -> Many:(name(N))() end)]) || N <- [1, 2, 253, 254, 255, 256, 270]],
    Here = spawn(fun() -> (load([{attribute, 1, file, {"f.erl", 1}}, waiting(16#ffffff)])):w() end),
    until(fun() -> element(2, process_info(Here, current_function)) =:= {line_limits_code, w, 0} end),
    io:format("~p~n", [process_info(Here, current_location)]),
    exit(Here, kill).

show(Line, Module) -> io:format("~p ~p~n", [Line, [place(fun() -> Module:F() end) || F <- [a, b]]]).

place(F) -> try F() catch error:x:Stack -> hd(Stack) end.

name(N) -> list_to_atom("f" ++ integer_to_list(N)).

function(Name, Head, Line) ->
    Error = {remote, Line, {atom, Line, erlang}, {atom, Line, error}},
    {function, Head, Name, 0, [{clause, Head, [], [], [{call, Line, Error, [{atom, Line, x}]}]}]}.

waiting(Line) ->
    {function, Line, w, 0, [{clause, Line, [], [], [{'receive', Line, [{clause, Line, [{atom, Line, never}], [], [{atom, Line, ok}]}]}]}]}.

load(Forms) ->
    {ok, Module, Code} = compile:forms([{attribute, 1, module, line_limits_code}, {attribute, 1, compile, [export_all, nowarn_export_all]} | Forms]),
    code:purge(Module),
    {module, Module} = code:load_binary(Module, "code", Code),
    Module.

until(Test) -> Test() orelse begin timer:sleep(1), until(Test) end.
