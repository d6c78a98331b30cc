%% A module is loaded again and again while processes on all schedulers call it, hold its funs and its literals, and are killed by
%% purges. Nothing but the versions that were loaded may be seen.
-module(module_reload_stress).
-export([main/0]).

lines(V) ->
    ["-export([version/0, literal/0, make_fun/0, loop/1, recurse/1]).",
     "version() -> " ++ V ++ ".",
     "literal() -> {v, " ++ V ++ ", [\"some text\", #{a => {" ++ V ++ "}}]}.",
     "make_fun() -> X = version(), fun(Y) -> {X, Y, " ++ V ++ "} end.",
     "loop(N) when N =< 0 -> done; loop(N) -> loop(N - 1).",
     "recurse(0) -> literal(); recurse(N) -> {v, V, L} = rs:recurse(N - 1), {v, V, L}."].

main() ->
    process_flag(trap_exit, true),
    Bins = [code_help:module(rs, lines(integer_to_list(V))) || V <- lists:seq(1, 8)],
    {module, rs} = code:load_binary(rs, "rs", hd(Bins)),
    Me = self(),
    Workers = [spawn_link(fun() -> worker(Me, I, none, none, 0) end) || I <- lists:seq(1, 12)],
    reload(Bins, 120, Workers, 0),
    io:format("done~n"),
    code_help:purge(rs).

reload(_, 0, Workers, _) ->
    [begin unlink(W), exit(W, kill) end || W <- Workers],
    flush();
reload(Bins, N, Workers, Killed) ->
    case N rem 3 of
        0 -> code:purge(rs);
        _ -> code:soft_purge(rs) orelse code:purge(rs)
    end,
    {module, rs} = code:load_binary(rs, "rs", lists:nth(N rem 8 + 1, Bins)),
    reload(Bins, N - 1, renew(Workers), Killed).

%% Those that a purge has killed are replaced.
renew(Workers) ->
    receive
        {'EXIT', W, killed} ->
            Me = self(),
            renew([spawn_link(fun() -> worker(Me, 5, none, none, 0) end) | lists:delete(W, Workers)]);
        {'EXIT', W, Why} ->
            io:format("worker ~p ended: ~p~n", [is_pid(W), Why]),
            renew(lists:delete(W, Workers))
    after 0 -> Workers
    end.

flush() -> receive _ -> flush() after 0 -> ok end.

worker(Me, I, Fun, Literal, N) ->
    ok = literal(Literal),
    ok = called(Fun),
    V = retry(fun() -> rs:version() end),
    true = V >= 1 andalso V =< 8,
    done = retry(fun() -> rs:loop(I * 100) end),
    L = retry(fun() -> rs:literal() end),
    ok = literal(L),
    ok = literal(retry(fun() -> rs:recurse(I) end)),
    self() ! L,
    F = retry(fun() -> rs:make_fun() end),
    garbage(N rem 50),
    ok = literal(receive X -> X end),
    Keep = N rem 7 =/= 0,
    case Keep of
        true when Fun =/= none -> worker(Me, I, Fun, Literal, N + 1);
        _ -> worker(Me, I, F, {L, [L, L]}, N + 1)
    end.

garbage(0) -> garbage_collect(), ok;
garbage(N) -> _ = lists:seq(1, N * 10), ok.

retry(F) ->
    try F()
    catch error:undef -> retry(F)      % between delete and load
    end.

called(none) -> ok;
called(F) ->
    try F(7) of
        {V, 7, V} when V >= 1, V =< 8 -> ok
    catch
        error:{badfun, F} -> ok
    end.

literal(none) -> ok;
literal({L, [L, L]}) -> literal(L);
literal({v, V, ["some text", #{a := {V}}]}) when V >= 1, V =< 8 -> ok.
