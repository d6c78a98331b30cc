# EUnit by itself: reports of what passes, fails, times out, is skipped; the surefire report.
cat > calc.erl <<'EOF'
-module(calc).
-export([add/2, fact/1, debugs/0]).
-compile(nowarn_failed).
-include_lib("eunit/include/eunit.hrl").
add(A, B) -> A + B.
fact(0) -> 1;
fact(N) when N > 0 -> N * fact(N - 1).
add_test() -> ?assertEqual(3, add(1, 2)).
fails_test() -> ?assertEqual(4, add(1, 2)).
raises_test() -> ?assertError(function_clause, fact(-1)).
crash_test() -> fact(a - 1).
match_test() -> ?assertMatch({ok, _}, {error, fact(3)}).
unexpected_test() -> ?assertException(throw, oops, fact(-1)).
command_test() -> ?assertCmdOutput("x\n", "echo x").
debugs() -> ?debugVal(fact(4)).  % its line and the reporter's come in any order
gen_test_() ->
    [{"named", ?_assert(fact(3) =:= 6)}, {timeout, 1, fun() -> timer:sleep(3000) end},
     {setup, fun() -> 1 end, fun(_) -> ok end, fun(X) -> [?_assertEqual(1, X), ?_assertEqual(2, X)] end},
     {inparallel, [?_test(io:format("out~n")) || _ <- [1, 2, 3]]}, {foreach, fun() -> error(setup) end, [fun(_) -> ok end]},
     {spawn, ?_test(exit(gone))}, {generator, fun() -> not_a_test end}].
EOF
erlc calc.erl
erl -noshell -eval 'io:format("~p~n", [eunit:test(calc, [verbose, {report, {eunit_surefire, [{dir, "."}]}}])]), halt().' 2>&1 |
    sed 's/\[[0-9.]* s\] *//; s/in [0-9.]* seconds/in/; s/<0[.0-9]*>/PID/'
erl -noshell -eval 'calc:debugs(), halt().' 2>&1 | sed 's/<0[.0-9]*>/PID/'
sed 's/time="[0-9.]*"/time=""/; s/<0[.0-9]*>/PID/' TEST-calc.xml
