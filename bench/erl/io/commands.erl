%% Short commands by os:cmd/1.
-module(commands).
-export([main/0]).

main() ->
    bench:wall(fun() -> length([hi || _ <- lists:seq(1, 100), os:cmd("echo hi") =:= "hi\n"]) end, 100).
