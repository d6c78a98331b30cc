%% Who is killed by a purge, and who is not.
-module(purging).
-export([main/0]).

-define(V(N), ["-export([wait/1, call/2, fun_of/0, ext/0, lit/0, caught/1, spawned/1, local_later/1]).",
               "wait(P) -> P ! ready, receive stop -> " ++ N ++ " end.",
               "call(P, F) -> R = F(P), {R, " ++ N ++ "}.",
               "fun_of() -> X = self(), fun(Y) -> {X =:= self(), Y, " ++ N ++ "} end.",
               "ext() -> fun v:lit/0.",
               "lit() -> {literal, [" ++ N ++ "], <<\"binary\">>}.",
               "caught(P) -> R = (catch wait(P)), {R, caught}.",
               "spawned(P) -> spawn(fun() -> P ! ready, receive stop -> ok end end).",
               "local_later(P) -> P ! ready, receive stop -> v:wait(P) end."]).

main() ->
    [put(V, code_help:module(v, Lines)) || {V, Lines} <- [{1, ?V("1")}, {2, ?V("2")}]],
    [one(Case) || Case <- [in_code, on_stack, in_catch, spawned_fun, has_fun, has_external, has_literal, message_fun,
                           dictionary_fun, suspended, hibernating, waiting_then_new, exited]],
    ok.

one(Case) ->
    code_help:purge(v),
    {module, v} = code:load_binary(v, "v.beam", get(1)),
    Pid = start(Case, self()),
    {module, v} = code:load_binary(v, "v.beam", get(2)),
    Check = case is_process_alive(Pid) of
                true -> {erlang:check_process_code(Pid, v), check_async(Pid)};
                false -> dead
            end,
    Soft = code:soft_purge(v),
    Hard = code:purge(v),
    Alive = is_process_alive(Pid),
    io:format("~p: check ~p soft ~p hard ~p alive ~p old ~p~n", [Case, Check, Soft, Hard, Alive, erlang:check_old_code(v)]),
    case Alive of
        true when Case =:= suspended -> erlang:resume_process(Pid), finish(Pid);
        true when Case =:= hibernating -> Pid ! stop, ready(), io:format("  woken~n"), exit(Pid, kill);
        true -> finish(Pid);
        false -> ok
    end.

check_async(Pid) ->
    async = erlang:check_process_code(Pid, v, [{async, ref}, {allow_gc, false}]),
    receive {check_process_code, ref, X} -> X end.

finish(Pid) ->
    Ref = monitor(process, Pid),
    Pid ! {go, self()},
    receive
        {said, What} -> io:format("  ~p~n", [What]);
        {'DOWN', Ref, _, _, R} -> io:format("  ended ~p~n", [R])
    end,
    exit(Pid, kill).

ready() -> receive ready -> ok end.

start(in_code, Me) -> P = spawn(v, wait, [Me]), ready(), P;
start(on_stack, Me) -> P = spawn(v, call, [Me, fun(M) -> M ! ready, receive stop -> ok end end]), ready(), P;
start(in_catch, Me) -> P = spawn(v, caught, [Me]), ready(), P;
start(spawned_fun, Me) -> P = v:spawned(Me), ready(), P;
start(has_fun, Me) -> spawn_holder(Me, fun() -> v:fun_of() end, fun(F) -> catch F(1) end);
start(has_external, Me) -> spawn_holder(Me, fun() -> v:ext() end, fun(F) -> F() end);
start(has_literal, Me) -> spawn_holder(Me, fun() -> v:lit() end, fun(L) -> L end);
start(message_fun, Me) ->
    P = spawn(fun() -> receive {go, From} -> receive {held, F, L} -> From ! {said, {catch plain(catch F(1)), L}} end end end),
    P ! {held, v:fun_of(), v:lit()},
    case is_process_alive(Me) of true -> P end;
start(dictionary_fun, Me) ->
    P = spawn(fun() ->
                  put(held, {v:fun_of(), v:lit()}), Me ! ready,
                  receive {go, From} -> {F, L} = get(held), From ! {said, {plain(catch F(1)), L}} end
              end),
    ready(), P;
start(suspended, Me) ->
    P = start(has_literal, Me),
    erlang:suspend_process(P), P;
start(hibernating, Me) ->
    P = spawn(fun() -> Me ! ready, erlang:hibernate(v, local_later, [Me]) end),
    ready(), hibernates(P);
start(waiting_then_new, Me) -> P = spawn(v, local_later, [Me]), ready(), P;
start(exited, _) ->
    {P, R} = spawn_monitor(fun() -> ok end), receive {'DOWN', R, _, _, _} -> P end.

hibernates(P) ->
    case process_info(P, current_function) of
        {current_function, {erlang, hibernate, 3}} -> P;
        _ -> timer:sleep(1), hibernates(P)
    end.

spawn_holder(Me, Make, Use) ->
    P = spawn(fun() -> Held = Make(), Me ! ready, receive {go, From} -> From ! {said, plain(catch Use(Held))} end end),
    ready(), P.

plain({'EXIT', {{badfun, _}, _}}) -> badfun;
plain({'EXIT', {R, [{F, _, _} | _]}}) when is_function(F) -> {R, a_fun};
plain(X) -> X.
