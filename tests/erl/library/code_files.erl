%% Reading files on the code path: beam_lib, and raw files with positions.
-module(code_files).
-export([main/0]).
main() -> 
 F = code:which(lists),
 io:format("~p~n", [catch element(1,beam_lib:chunks(F, [exports]))]),
 io:format("~p~n", [catch beam_lib:info(F)]),
 {ok,D} = file:open(filename:join(filename:dirname(F),"stdlib.app"), [read,raw]),
 io:format("~p~n", [file:read_line(D)]), io:format("~p~n", [file:read_line(D)]), io:format("~p~n", [file:position(D,bof)]), io:format("~p~n", [file:read(D,10)]), io:format("~p~n", [file:position(D,{eof,-5})]),
 io:format("~p~n", [file:read(D,10)]),io:format("~p~n", [file:read(D,10)]), io:format("~p~n", [file:pread(D,3,5)]), io:format("~p~n", [file:position(D,{cur,-1000000000})]), io:format("~p~n", [file:close(D)]), io:format("~p~n", [file:close(D)]), io:format("~p~n", [file:read(D,1)]),
 io:format("~p~n", [element(1,prim_file:read_file(F))]).
