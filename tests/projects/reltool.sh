# A target system by reltool, whose applications are archives, and what it runs.
cat > t.escript <<'END'
%%! -mode compile
main(_) ->
    Conf = {sys, [{rel, "my", "1", [kernel, stdlib, sasl]}, {boot_rel, "my"}, {profile, embedded}, {app, kernel, [{incl_cond, include}]}, {app, stdlib, [{incl_cond, include}]}, {app, sasl, [{incl_cond, include}]},
                  {incl_cond, exclude}, {app, crypto, [{incl_cond, exclude}]}, {app, erts, [{incl_cond, derived}]}, {debug_info, strip}]},
    {ok, S} = reltool:start_server([{config, Conf}]),
    p(status, reltool:get_status(S)),
    p(config, reltool:get_config(S, false, false)),
    p(rel, reltool:get_rel(S, "my")),
    {ok, {script, N, Script}} = reltool:get_script(S, "my"),
    p(script, {N, length(Script), erlang:phash2(lists:keysort(1, [X || X <- Script, is_tuple(X)]))}),
    {ok, Spec} = reltool:get_target_spec(S),
    p(spec, erlang:phash2(Spec)),
    show(Spec, 0),
    file:make_dir("target"),
    p(create, reltool:create_target(S, "target")),
    reltool:stop(S),
    p(bad, reltool:start_server([{config, {sys, [{rel, "x", "1", [nosuch]}]}}])),
    p(bad, catch reltool:get_target_spec([{config, {sys, [{foo, bar}]}}])),
    ok.
show(L, D) when is_list(L) -> [show(X, D) || X <- L], ok;
show({create_dir, N, L}, D) -> io:format("~*s~s/~n", [D, "", N]), if D < 3 -> show(L, D + 2); true -> ok end;
show({copy_file, N}, D) -> io:format("~*s~s~n", [D, "", N]);
show(T, D) when is_tuple(T) -> io:format("~*s~P~n", [D, "", T, 8]).
p(T, X) -> io:format("~p: ~P~n", [T, X, 60]).
END
escript t.escript; echo "status $?"
find target -type f | sed 's/.*\.beam$/BEAM/' | sort | uniq -c
[ -z "$LINTEL" ] || "$LINTEL" link-otp target/erts-*/bin > /dev/null
target/bin/erl -noshell -boot target/releases/1/my -eval 'io:format("~p ~p~n", [[A || {A, _, _} <- application:which_applications()], code:root_dir() =/= "/usr/lib/erlang"]), halt().'
echo "status $?"
