# escript: a script, compiled or not, an archive with applications, emulator flags, errors.
clean() { sed 's/__escript__[0-9_]*/__escript__N/'; }
run() { chmod +x "$1" && { "./$@" 2>&1; echo "status $?"; } | clean; }
cat > plain <<'EOF'
#!/usr/bin/env escript
%% -*- erlang -*-
-mode(interpret).
-record(r, {a, b = 2}).
-define(M, "macro").
-export([later/1]).
main(["fail"]) -> error({some, reason});
main(["exit"]) -> halt(9);
main(["throw"]) -> throw(ball);
main(["undef"]) -> no:such();
main(Args) ->
    io:format("~p ~p ~s ~p~n", [Args, #r{a = 1}, ?M, filename:basename(escript:script_name())]),
    ?MODULE:later(erlang:system_info(schedulers)).
later(N) -> io:format("~p ~p~n", [N, lists:sort([X || {X, _} <- [{b, 1}, {a, 2}]])]).
EOF
run plain a "b c" é
for how in fail exit throw undef; do run plain $how; done
sed 's/interpret/compile/' plain > compiled
for how in x fail throw; do run compiled $how; done
printf '#!/usr/bin/env escript\n%%%%! +S 1:1\nmain(_) -> io:format("~p~~n", [erlang:system_info(schedulers)]), foo(.\n' > bad
run bad
printf '#!/usr/bin/env escript\n%%%%! +S 3:1\nmain(_) -> io:format("~p~~n", [{erlang:system_info(schedulers), io:get_line("")}]).\n' > flags
echo input | run flags
mkdir -p tool/ebin
printf -- '-module(tool).\n-export([main/1]).\nmain(A) -> io:format("tool ~p ~p~~n", [A, code:which(?MODULE)]), {ok, B} = file:read_file(escript:script_name()), io:format("~p~~n", [byte_size(B) > 100]).\n' > tool.erl
printf '{application, tool, [{vsn, "1"}, {modules, [tool]}]}.\n' > tool/ebin/tool.app
erlc -o tool/ebin tool.erl
erl -noshell -eval '{ok, B} = file:read_file("tool/ebin/tool.beam"), ok = escript:create("one", [shebang, {emu_args, "-escript main tool"}, {beam, B}]),
    {ok, {_, Zip}} = zip:create("tool.zip", ["tool"], [memory]), ok = escript:create("all", [shebang, {emu_args, "-escript main tool"}, {archive, Zip}]),
    {ok, S} = escript:extract("all", []), io:format("~p~n", [[element(1, X) || X <- S]]), halt().'
run one 1 2
run all 3 4
escript -c plain x
escript -s plain
echo "status $?"
escript -i compiled y 2>&1 | clean
escript no_such_file
echo "status $?"
