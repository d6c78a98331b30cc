%% Reads of what is in the system's cache, and of what is not there: ends of files, positions, files that are closed or only written.
-module(cached_reads).
-export([main/0]).

main() -> tmp:in(fun run/1).

run(Dir) ->
    File = filename:join(Dir, "numbers"),
    ok = file:write_file(File, binary:copy(<<"0123456789">>, 1000)),
    {ok, D} = file:open(File, [read, raw, binary]),
    io:format("~p~n", [[catch file:read(D, N) || N <- [0, 1, 10, 4000, 5000, 2000, 1, 0]]]),
    Places = [{0, 5}, {9990, 5}, {9990, 10}, {9990, 11}, {10000, 1}, {20000, 5}, {-1, 5}, {5, -1}, {0, 0}, {3, a}],
    io:format("~p~n", [[catch file:pread(D, Offset, N) || {Offset, N} <- Places]]),
    file:close(D),
    io:format("~p ~p~n", [file:read(D, 1), file:pread(D, 0, 1)]),
    {ok, E} = file:open(File, [read, write, raw, binary]),
    io:format("~p~n", [[file:read(E, 4), file:write(E, <<"xy">>), file:read(E, 4), file:position(E, cur), file:pread(E, 0, 8)]]),
    %% More than is read in one piece, and where it ends.
    ok = file:pwrite(E, 200000, <<"z">>),
    {ok, Whole} = file:pread(E, 100, 300000),
    {ok, _} = file:position(E, 0),
    {ok, Same} = file:read(E, 300000),
    io:format("~p ~p ~p ~p~n", [byte_size(Whole), erlang:crc32(Whole), erlang:crc32(Same), file:read(E, 1)]),
    {ok, G} = file:open(File, [read, binary]),
    io:format("~p~n", [[file:read(G, 4), file:read_line(G), file:pread(G, [{0, 2}, {4, 3}])]]),
    {ok, W} = file:open(File, [write, raw]),
    io:format("~p~n", [[file:read(W, 4), file:pread(W, 0, 2)]]).
