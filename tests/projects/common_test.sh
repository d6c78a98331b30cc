# ct_run: groups, parallel cases, skips, crashes, timetraps, a hook, coverage; ct:run_test from a node.
cat > calc.erl <<'EOF'
-module(calc).
-export([add/2, fact/1]).
add(A, B) -> A + B.
fact(0) -> 1;
fact(N) when N > 0 -> N * fact(N - 1).
EOF
cat > calc_SUITE.erl <<'EOF'
-module(calc_SUITE).
-compile([export_all, nowarn_export_all]).
-include_lib("common_test/include/ct.hrl").
all() -> [one, two, skipped, {group, g}, crash, timeout, {group, failing}].
groups() -> [{g, [parallel, {repeat, 2}], [one, two]}, {failing, [sequence], [crash, two]}].
suite() -> [{timetrap, {seconds, 1}}].
init_per_suite(C) -> [{x, 1} | C].
end_per_suite(_) -> ok.
init_per_group(_, C) -> C.
end_per_group(_, _) -> ok.
init_per_testcase(skipped, _) -> {skip, "why not"};
init_per_testcase(_, C) -> C.
end_per_testcase(_, _) -> ok.
one(C) -> 1 = ?config(x, C), ct:log("logged ~p", [1]), ct:pal("shown ~p", [2]), {comment, "comment"}.
two(C) -> 3 = calc:add(1, 2), true = filelib:is_dir(?config(data_dir, C)) orelse filelib:is_dir(?config(priv_dir, C)).
skipped(_) -> ok.
crash(_) -> calc:fact(-1).
timeout(_) -> timer:sleep(10000).
EOF
cat > hook.erl <<'EOF'
-module(hook).
-export([init/2, post_end_per_testcase/5]).
init(_, _) -> {ok, 0}.
post_end_per_testcase(_Suite, Case, _C, Result, N) -> io:format(user, "hook ~p ~0p~n", [Case, Result]), {Result, N + 1}.
EOF
erlc +debug_info calc.erl hook.erl
echo '{level, details}. {incl_mods, [calc]}.' > cover.spec
mkdir logs
clean() { sed 's/20[-0-9_.]*\([0-9][0-9]\)/DATE/g; s/^DATE [0-9:.]*/DATE/; s/<0[.0-9]*>/PID/g; s/@[-a-z0-9]*/@HOST/g'; }
# Cases that run at the same time end in any order.
ct_run -noshell -suite calc_SUITE -logdir logs -pa . -ct_hooks hook -cover cover.spec < /dev/null 2>&1 | clean | sort
echo "status $?"
cat logs/ct_run*/*/run*/suite.log | grep '^=\(case\|result\|group_props\|skipped\|failed\|successful\)' | sort
cat logs/ct_run*/*/run*/cover.html | grep -o 'calc.*%' | sed 's/<[^>]*>//g'
erl -noshell -sname ct -pa . -eval 'io:format("~p~n", [ct:run_test([{suite, calc_SUITE}, {group, g}, {testcase, [one, two]}, {logdir, "logs"}])]), halt().' 2>&1 | clean | sort
