%% proc_lib: start_link with init_ack, initial call, ancestors, failures.
-module(proc_lib_start).
-export([main/0]).
-export([init_ok/1, init_fail/1]).

main() ->
    process_flag(trap_exit, true),
    catch logger:set_primary_config(level, none),
    {ok, P} = proc_lib:start_link(?MODULE, init_ok, [self()]),
    io:format("~p~n", [proc_lib:translate_initial_call(P)]),
    io:format("~p~n", [proc_lib:initial_call(P)]),
    P ! {ask, self()},
    io:format("~p~n", [receive {ancestors, A} -> A =:= [self()] end]),
    io:format("~p~n", [receive {'EXIT', P, R} -> R after 30000 -> nothing end]),
    io:format("~p~n", [proc_lib:start_link(?MODULE, init_fail, [self()])]),
    io:format("~p~n", [proc_lib:stop(proc_lib:spawn_link(fun() -> receive {system, F, {terminate, W}} -> gen:reply(F, ok), exit(W) end end), stopping, 30000)]).

init_ok(Parent) ->
    proc_lib:init_ack(Parent, {ok, self()}),
    receive {ask, From} -> From ! {ancestors, get('$ancestors')} end.

init_fail(_) -> exit(cannot).
