%% Compiles the files of a list, several at a time: erl -run compile_all main LIST OUT WORKERS
%% LIST holds terms {Source, Options}. Writes what the compiler said of each, by name.
-module(compile_all).
-export([main/1]).

main([List, Out, Workers]) ->
    {ok, Jobs} = file:consult(List),
    [io:format("~ts ~tp~n", [Name, Result]) || {Name, Result} <- lists:sort(run(Jobs, Out, list_to_integer(Workers), 0))],
    halt().

run([], _Out, _Free, 0) -> [];
run([{Source, Options} | Jobs], Out, Free, Running) when Free > 0 ->
    spawn_monitor(fun() -> exit({filename:basename(Source), compile(Source, Options, Out)}) end),
    run(Jobs, Out, Free - 1, Running + 1);
run(Jobs, Out, Free, Running) ->
    receive {'DOWN', _, _, _, Result} -> [Result | run(Jobs, Out, Free + 1, Running - 1)] end.

compile(Source, Options, Out) ->
    case filename:extension(Source) of
        ".yrl" -> yecc:file(Source, [{parserfile, filename:join(Out, filename:basename(Source, ".yrl") ++ ".erl")}, return | Options]);
        ".xrl" -> leex:file(Source, [{scannerfile, filename:join(Out, filename:basename(Source, ".xrl") ++ ".erl")}, return | Options]);
        ".S" -> compile:file(Source, [from_asm, deterministic, return, {outdir, Out} | Options]);
        ".erl" -> compile:file(Source, [deterministic, return, {outdir, Out} | Options])
    end.
