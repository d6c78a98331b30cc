%% hibernate drops the stack and wakes in the given function.
-module(hibernate).
-export([main/0]).
-export([awake/1]).

main() ->
    S = self(),
    P = spawn(fun() -> put(kept, yes), try erlang:hibernate(?MODULE, awake, [S]) after S ! never end end),
    what_happens:waits(P),
    io:format("~p~n", [process_info(P, current_function)]),
    P ! wake,
    io:format("~p~n", [receive X -> X end]),
    io:format("~p~n", [receive X2 -> X2 after 30 -> nothing end]).

awake(S) -> receive M -> S ! {M, get(kept)} end.
