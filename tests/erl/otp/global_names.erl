%% Global names on a node of its own: register, send, gen_server and supervisor under them, locks, what happens when who has a name ends.
-module(global_names).
-export([main/0, init/1, handle_call/3, handle_cast/2]).

main() ->
    process_flag(trap_exit, true),
    p(global:registered_names()),
    P = spawn_link(fun() -> echo() end),
    p([global:register_name(one, P), global:register_name(one, self()), global:register_name(two, P)]),
    p(lists:sort(global:registered_names())),
    p([global:whereis_name(one) =:= P, global:whereis_name(nobody)]),
    p(global:send(one, {self(), hello}) =:= P),
    p(receive {echo, X} -> X end),
    p(try global:send(nobody, x) catch C:R -> {C, R} end),
    p([global:re_register_name(one, self()), global:whereis_name(one) =:= self()]),
    p([global:unregister_name(one), global:whereis_name(one), global:unregister_name(one)]),
    Monitor = monitor(process, P),
    exit(P, kill),
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    wait_gone(two),
    {ok, S} = gen_server:start_link({global, server}, ?MODULE, 1, []),
    p(gen_server:start_link({global, server}, ?MODULE, 1, []) =:= {error, {already_started, S}}),
    p([gen_server:call({global, server}, next) || _ <- [1, 2]]),
    p(gen_server:cast({global, server}, {add, 10})),
    p(gen_server:call({global, server}, next)),
    p(try gen_server:call({global, nobody}, next) catch C2:R2 -> {C2, R2} end),
    p(gen_server:cast({global, nobody}, next)),
    p(gen_server:stop({global, server})),
    p(global:whereis_name(server)),
    p([global:set_lock({res, self()}), global:set_lock({res, other}, [node()], 0), global:del_lock({res, self()}), global:set_lock({res, other}, [node()], 0),
       global:del_lock({res, other})]),
    p(global:trans({res, self()}, fun() -> done end)),
    p([global:register_name({a, "b"}, self(), fun global:random_exit_name/3), global:whereis_name({a, "b"}) =:= self()]),
    p(try global:register_name(x, not_a_pid) catch C3:_ -> C3 end),
    p([rpc:call(node(), lists, reverse, [[1, 2]]), erpc:call(node(), fun() -> 1 + 1 end), rpc:multicall(erlang, abs, [-1])]).

wait_gone(Name) ->
    case global:whereis_name(Name) of
        undefined -> p(gone);
        _ -> timer:sleep(5), wait_gone(Name)
    end.

echo() -> receive {From, X} -> From ! {echo, X}, echo() end.

init(N) -> {ok, N}.
handle_call(next, _, N) -> {reply, N, N + 1}.
handle_cast({add, K}, N) -> {noreply, N + K}.

p(X) -> io:format("~p~n", [X]).
