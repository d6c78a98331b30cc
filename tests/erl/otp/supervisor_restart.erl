%% supervisor: start, restart of a killed child, which_children, shutdown.
-module(supervisor_restart).
-export([main/0]).
-behaviour(supervisor).
-export([init/1, start_child/1]).

main() ->
    catch logger:set_primary_config(level, none),
    {ok, S} = supervisor:start_link(?MODULE, []),
    io:format("~p~n", [[{Id, is_pid(P), T, M} || {Id, P, T, M} <- supervisor:which_children(S)]]),
    io:format("~p~n", [supervisor:count_children(S)]),
    A = whereis(child_a),
    exit(A, kill),
    io:format("~p~n", [wait_for_other(A)]),
    io:format("~p~n", [supervisor:terminate_child(S, b)]),
    io:format("~p~n", [whereis(child_b)]),
    io:format("~p~n", [element(1, supervisor:restart_child(S, b))]),
    io:format("~p~n", [supervisor:start_child(S, #{id => a, start => {?MODULE, start_child, [x]}}) =:= {error, {already_started, whereis(child_a)}}]),
    io:format("~p~n", [supervisor:delete_child(S, nope)]),
    process_flag(trap_exit, true),
    exit(S, shutdown),
    io:format("~p~n", [receive {'EXIT', S, R} -> R after 30000 -> nothing end]),
    io:format("~p~n", [[whereis(child_a), whereis(child_b)]]).

init([]) ->
    {ok, {#{strategy => one_for_one, intensity => 3, period => 5},
          [#{id => I, start => {?MODULE, start_child, [N]}} || {I, N} <- [{a, child_a}, {b, child_b}]]}}.

start_child(Name) ->
    Me = self(),
    Child = proc_lib:spawn_link(fun() -> register(Name, self()), Me ! {self(), up}, receive after infinity -> ok end end),
    receive {Child, up} -> {ok, Child} end.

wait_for_other(Before) ->
    case whereis(child_a) of
        After when is_pid(After), After =/= Before -> true;
        _ -> timer:sleep(1), wait_for_other(Before)
    end.
