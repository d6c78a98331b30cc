#!/usr/bin/env python3
"""The command as people use it, right and wrong: exit status and what it says.

    tests/run_cli.py --lintel PATH --build DIR
"""
import argparse
import pathlib
import re
import subprocess
import sys

PROGRAMS = {
    "cli_hello": 'main() -> io:format("hello~n").',
    "cli_args": 'main(Args) -> io:format("~p~n", [Args]).',
    "cli_reader": 'main() -> spawn(fun() -> io:get_line("p> ") end), receive after 200 -> io:format("done~n") end.',
    "cli_halt": "main() -> halt(7).",
    "cli_endless": "main() -> main().",
    "cli_confined": "main() -> io:format(\"~p~n\", [[element(2, file:read_file(\"/etc/hostname\")), file:write_file(\"written\", <<1>>), os:getenv(\"PATH\") =:= false, "
                    "catch open_port({spawn, \"true\"}, []), element(2, gen_tcp:connect({127, 0, 0, 1}, 9, [])), element(1, date())]]).",
    "cli_error": "main() -> lists:nth(3, [1]).",
    "cli_exit": "main() -> exit(gone).",
    "cli_start": 'start() -> io:format("started~n").',
    "cli_gaps": "main() -> no_such_module:f(), lists:no_such(1), erlang:load_nif([], 0), crypto:hash(md5, []), lists:map(1, 2).",
    "cli_throw": "main() -> throw({some, ball}).",
    "cli_shutdown": "main() -> exit(shutdown).",
    "cli_crash": 'main() -> spawn(fun() -> error({bad, "luck"}) end), logged(), spawn(fun() -> throw(ball) end), '
                 "spawn(fun() -> exit(quiet) end), timer:sleep(100).\n"
                 "%% The first report starts the logger; others may overtake it until it is there.\n"
                 "logged() -> timer:sleep(300), case whereis(logger) of undefined -> logged(); _ -> ok end.",
    "cli_stop": 'main() -> io:format("before~n"), init:stop(4), receive never -> ok end.',
    "cli_linked": "main() -> spawn_link(fun() -> exit(because) end), receive never -> ok end.",
    "cli_much": 'main() -> [io:put_chars(lists:duplicate(1000, $x)) || _ <- lists:seq(1, 1000)], io:nl().',
    "cli_stderr": 'main() -> io:format(standard_error, "to stderr ~ts~n", [[229]]), io:format("to stdout~n").',
    "cli_wait": 'main() -> io:format("waiting~n"), receive never -> ok end.',
    "cli_app": "main() -> application:load({application, none, []}), application:start(none), application:stop(none).",
    "cli_crypto": "main() -> crypto:hash(md5, <<>>).",
    "cli_undef": "main() -> no_such_module:f(1).",
    "cli_time": "main() -> T = erlang:monotonic_time(millisecond), timer:sleep(3600000), "
                'io:format("~p ~p ~s~n", [(erlang:monotonic_time(millisecond) - T) div 1000, calendar:local_time(), os:getpid()]).',
    "cli_chance": 'main() -> io:format("~p~n", [{rand:uniform(1000000), make_ref(), self(), erlang:unique_integer(), erlang:phash2(erlang:timestamp())}]).',
    # Who comes first is decided by the seed.
    "cli_race": "main(_) -> Me = self(), [spawn(fun() -> Me ! N end) || N <- [1, 2, 3]], "
                "L = [receive M -> M end || _ <- [1, 2, 3]], io:format(\"~w~n\", [L]), "
                "case L of [3 | _] -> exit(third); [2 | _] -> spawn(fun() -> error(second) end), timer:sleep(1000); _ -> ok end.",
    "cli_deadlock": "main() -> register(waiting, spawn(fun() -> receive never -> ok end end)), waiting ! hello, receive never -> ok end.",
    # BIFs of later releases than the erl that tests/run_erl.py asks.
    "cli_later": "main() -> T = ets:new(t, [ordered_set]), ets:insert(T, [{1, a}, {2, b}]), "
                 'io:format("~0p~n", [[ets:first_lookup(T), ets:next_lookup(T, 1), ets:next_lookup(T, 2), ets:last_lookup(T), '
                 'ets:prev_lookup(T, 2), ets:first_lookup(ets:new(e, []))]]), '
                 'io:format("~0p~n", [[erts_internal:list_to_integer("-1f", 16), erts_internal:binary_to_integer(<<"777">>, 8), '
                 'erts_internal:list_to_integer("12x", 10), erts_internal:binary_to_integer(a, 10)]]), '
                 '{_, [P | _]} = erts_internal:processes_next(0), io:format("~p~n", [is_pid(P)]), '
                 'io:format("~0p~n", [re:internal_run("abc", "b", [], true)]), '
                 'process_flag(trap_exit, true), Q = spawn_link(fun() -> receive never -> ok end end), erlang:exit_signal(Q, why), '
                 'io:format("~p~n", [receive {\'EXIT\', Q, Why} -> Why after 5000 -> none end]).',
    # Long walks in BIFs that cannot be given up, and comparisons that can.
    "cli_walks": "main([\"lookups\"]) -> T = ets:new(t, []), ets:insert(T, {key, [{N, [N]} || N <- lists:seq(1, 400000)]}), look(T);\n"
                 "main([\"equals\"]) -> equals(shared(60), shared(60)).\n"
                 "look(T) -> ets:lookup_element(T, key, 2), look(T).\n"
                 "equals(A, B) -> io:format(\"~p~n\", [A =:= B]).\n"
                 "shared(0) -> []; shared(N) -> T = shared(N - 1), {T, T}.",
    "cli_vanishes": 'main() -> file:delete("cli_vanishing.beam").',
    "cli_reads": 'main() -> io:get_line(""), receive never -> ok end.',
    "cli_flood": 'main() -> N = flood(0), io:format("~w ~w~n", [N > 1000, lists:sum(lists:seq(1, 1000))]).\n'
                 "flood(N) -> try spawn(fun() -> receive x -> ok end end) of _ -> flood(N + 1) catch error:system_limit -> N end.",
    "cli_zip_bomb": "main() -> zlib:gunzip(binary:copy(zlib:gzip(binary:copy(<<0>>, 8000000)), 100)).",
    "cli_bomb": "main() -> Long = lists:duplicate(100, binary:copy(<<0>>, 8000000)),\n"
                "          Try = fun(F) -> try F() of _ -> done catch error:Reason -> Reason end end,\n"
                '          io:format("~p~n", [[Try(F) || F <- [\n'
                "              fun() -> term_to_binary(Long) end, fun() -> term_to_binary(Long, [compressed]) end,\n"
                "              fun() -> iolist_to_binary(Long) end, fun() -> binary_to_list(hd(Long)) end,\n"
                "              fun() -> erlang:make_tuple(10000000, []) end, fun() -> binary:matches(hd(Long), <<0>>) end]]]).",
    "cli_etf_bomb": "main() -> B = term_to_binary(binary:copy(<<0>>, 30000000), [compressed]), erlang:garbage_collect(),\n"
                    "    Hold = binary:copy(<<1>>, 40000000),\n"
                    '    io:format("~p ~p~n", [try binary_to_term(B) of _ -> done catch error:Reason -> Reason end, byte_size(Hold)]).',
    "cli_grow": "main([What]) -> grow(What, 0, []).\n"
                "grow(_, -1, L) -> L;\n"
                'grow("list", N, L) -> grow("list", N, [N | L]);\n'
                'grow("binary", N, L) -> grow("binary", N, [binary:copy(<<N:16>>, 500000) | L]);\n'
                'grow("ets", 0, []) -> grow("ets", 1, ets:new(t, []));\n'
                'grow("ets", N, T) -> ets:insert(T, {N, {a, b, N}}), grow("ets", N + 1, T);\n'
                'grow("put", N, L) -> put(N, N), grow("put", N + 1, L);\n'
                'grow("stack", N, L) -> [N | grow("stack", N + 1, L)];\n'
                'grow("mailbox", N, L) -> self() ! {N, N, L}, grow("mailbox", N + 1, L).',
    "cli_server": "-export([main/1, init/1, handle_call/3]).\n"
                  "main(Args) -> {ok, P} = gen_server:start_link(?MODULE, 0, []), 1 = gen_server:call(P, inc), cli_helper:tell(Args).\n"
                  "init(N) -> {ok, N}.\nhandle_call(inc, _, N) -> {reply, N + 1, N + 1}.",
    "cli_helper": 'tell(Args) -> Name = list_to_atom(lists:reverse("deman_ilc")), io:format("~0p ~p~n", [Args, catch Name:it()]).',
    "cli_named": "it() -> named.",
    "cli_priv": 'main() -> ok = application:start(cli_priv), Dir = code:priv_dir(cli_priv), '
                '{ok, Info} = file:read_file_info(Dir ++ "/sub/t"), {ok, Names} = file:list_dir(Dir), '
                'io:format("~0p ~0p ~0p ~0p ~0p ~0p ~s", [application:get_env(cli_priv, k), file:read_file(Dir ++ "/sub/t"), '
                '[element(2, Info), element(3, Info), filelib:is_dir(Dir), filelib:is_regular(Dir ++ "/run.sh"), filelib:is_file(Dir ++ "/no")], '
                'lists:sort(Names), filelib:wildcard("**", Dir), [file:list_dir(Dir ++ N) || N <- ["/sub/", "/sub/t", "/no"]], os:cmd(Dir ++ "/run.sh")]).',
    "cli_lines": 'main() -> io:format("~p~n", [[io:get_line(""), io:get_line(""), io:get_line("")]]).',
}

# arguments, input, exit status, pattern that stdout and stderr together must match
CASES = [
    ("run cli_hello.beam", "", 0, r"^hello\n$"),
    ("run -pa . -m cli_hello", "", 0, r"^hello\n$"),
    ("run cli_args.beam -- a bc", "", 0, r'^\["a","bc"\]\n$'),
    ("run cli_start.beam", "", 0, r"^started\n$"),
    ("run cli_lines.beam", "one\nåäö", 0, r'^\["one\\n",\[229,228,246\],eof\]\n$|^\["one\\n","åäö",eof\]\n$'),
    ("run cli_later.beam", "", 0, r"^\[\{1,\[\{1,a\}\]\},\{2,\[\{2,b\}\]\},'\$end_of_table',\{2,\[\{2,b\}\]\},\{1,\[\{1,a\}\]\},'\$end_of_table'\]\n"
                                  r"\[\{-31,\[\]\},511,\{12,\"x\"\},badarg\]\ntrue\n\{match,\[\{1,1\}\]\}\nwhy\n$"),
    ("run cli_halt.beam", "", 7, r"^$"),
    ("run cli_error.beam", "", 1, r"^lintel: exception error: no function clause matching lists:nth\(2,\[\]\) \(lists.erl, line \d+\)\n$"),
    ("run cli_exit.beam", "", 1, r"^lintel: exception exit: gone\n$"),
    ("run cli_throw.beam", "", 1, r"^lintel: exception throw: \{some,ball\}\n  in function  cli_throw:main/0 \(cli_throw.erl, line 3\)\n$"),
    ("run cli_undef.beam", "", 1, r"^lintel: exception error: undefined function no_such_module:f/1\n$"),
    ("run cli_shutdown.beam", "", 0, r"^$"),
    ("run cli_linked.beam", "", 1, r"^lintel: exception exit: because\n$"),
    ("run cli_stop.beam", "", 4, r"^before\n$"),
    ("run cli_stderr.beam", "", 0, r"^to stdout\nto stderr å\n$"),
    ("run cli_crash.beam", "", 0, r"^=ERROR REPORT==== [^\n]* ===\nError in process <\d+\.\d+\.\d+> with exit value:\n"
                                  r"\{\{bad,\"luck\"\},\n \[\{cli_crash,'-main/0-fun-0-',0,\[\{file,\"cli_crash.erl\"\},\{line,3\}\]\}\]\}\n"
                                  r"\n=ERROR REPORT==== [^\n]* ===\nError in process <\d+\.\d+\.\d+> with exit value:\n\{\{nocatch,ball\},\n[^\n]*\n\n?$"),
    ("run cli_app.beam", "", 0, r"^=INFO REPORT==== [^\n]*\n    application: none\n    exited: stopped\n    type: temporary\n\n$"),
    ("run .", "", 2, r"is a directory: say with -m which module to run"),
    ("check .", "", 1, r"cannot be read: Is a directory"),
    ("run -m cli_hello -f nothing -pa .", "", 2, r"exports neither nothing/1 nor nothing/0"),
    ("run cli_args.beam -- -pa -- --help", "", 0, r'^\["-pa","--","--help"\]\n$'),
    ("run --no-such-option cli_hello.beam", "", 2, r"--no-such-option"),
    ("run --otp /no/such/dir cli_hello.beam", "", 2, r"/no/such/dir"),
    ("help", "", 0, r"(?s)^Lintel runs .*\n  run  .*\n  erl  .*lintel help COMMAND"),
    ("help run", "", 0, r"(?s)^Run a module.*\n  --max-memory .*\n  --otp DIR .*Everything after -- "),
    ("help erl", "", 0, r"^OTP's erl on Lintel"),
    ("help conformance", "", 0, r"^Run OTP's own test suites(?s:.*)--help has its options"),
    ("conformance --help", "", 0, r"(?s)^usage: lintel conformance .*--engine off,lazy,eager.*--summary FILE"),
    ("conformance --from no_such.json", "", 2, r"^conformance: no_such.json: .*No such file"),
    ("help walk", "", 2, r"^lintel: walk: no such command; there are run"),
    ("walk", "", 2, r"^lintel: walk: no such command; there are run, check, disasm, pack, erl, link-otp and conformance"),
    ("", "", 2, r"^lintel: say what to do: run, check, disasm, pack, erl, link-otp or conformance"),
    ("link-otp", "", 2, r"^lintel: link-otp: no folder given\n$"),
    ("link-otp new/folder --otp /no/such/dir", "", 2, r"^lintel: link-otp: /no/such/dir: no OTP installation"),
    ("link-otp .", "", 2, r"^lintel: link-otp: . has other files in it: name a new folder\n$"),
    ("link-otp /proc/no_such", "", 1, r"^lintel: link-otp: /proc/no_such: "),
    ("--nonsense", "", 2, r"^lintel: .*--nonsense"),
    ("check", "", 2, r"^lintel: check: no file given\n$"),
    ("check --nonsense", "", 2, r"^lintel: .*--nonsense"),
    ("disasm --nonsense", "", 2, r"^lintel: .*--nonsense"),
    ("run -S 100000 cli_hello.beam", "", 2, r"^lintel: --schedulers: .*1024"),
    ("run cli_lines.beam", "", 0, r"^\[eof,eof,eof\]\n$"),
    ("run no_such.beam", "", 2, r"no_such.beam: cannot be read: No such file"),
    ("run -m no_such", "", 2, r"no module no_such on the code path"),
    ("run -m lists", "", 2, r"exports none of main/1, main/0, start/0"),
    ("run cli_hello.beam -f other", "", 2, r"exports neither other/1 nor other/0"),
    ("run cli_hello.erl", "", 2, r"cli_hello.erl: not a BEAM file: compile it with erlc"),
    ("run cli_hello", "", 2, r"cli_hello: cannot be read: No such file or directory: run cli_hello.beam"),
    ("run cli_hello.beam one two", "", 2, r"program come after --"),
    ("run -m No.Such", "", 2, r"no module Elixir.No.Such on the code path"),
    ("run cut.beam", "", 2, r"cut.beam: .*"),
    ("run", "", 2, r"nothing to run"),
    ("run --seed 5 cli_hello.beam", "", 0, r"^hello\n$"),
    ("run --seed 5 cli_time.beam", "", 0, r"^3600 \{\{2000,1,1\},\{1,0,0\}\} 1\n$"),
    ("run --virtual-clock cli_time.beam", "", 0, r"^3600 \{\{2000,1,1\},\{1,0,0\}\} \d+\n$"),
    ("run --seed 5 cli_reader.beam", "no\n", 0, r"^p> done\n"),
    ("run --seed 18446744073709551615 cli_lines.beam", "one\n", 0, r'^\["one\\n",eof,eof\]\n$'),
    ("run --seed 5 cli_deadlock.beam", "", 1,
     r"^lintel: deadlock: no process is ready, no timer is set, nothing outside is awaited\n"
     r"  <0\.\d+\.0> waits in cli_deadlock:main/0\n  <0\.\d+\.0> waiting waits in cli_deadlock:'-main/0-fun-0-'/0, messages in its queue: 1\n$"),
    ("run --seeds 1..40 cli_hello.beam", "", 0, r"^no seed of 1..40 fails\n$"),
    ("run --seeds 1..40 --jobs 3 cli_race.beam", "", 1,
     r"^\d+ of 40 seeds fail:( \d+)+( \.\.\.)?\nseed \d+ fails: exit status (1|0, 1 error reported)\. Its output:\n\[[23],(?s:.*)\n"
     r"again: lintel run --seed \d+ cli_race.beam\n"),
    ("run --seeds 7..7 cli_halt.beam", "", 1, r"^1 of 1 seeds fail: 7\nseed 7 fails: exit status 7. Its output:\nagain: lintel run --seed 7 cli_halt.beam\n$"),
    ("run --seed 2 --max-time 60 cli_time.beam", "", 1, r"^lintel: the program's time is over\n$"),
    ("run --seed 2 --max-time 7200 cli_time.beam", "", 0, r"^3600 "),
    ("run --max-time 1 cli_wait.beam", "", 1, r"^waiting\nlintel: the program's time is over\n$"),
    ("run --seeds 1..2 --max-time 60 cli_time.beam", "", 1, r"^2 of 2 seeds fail: 1 2\nseed 1 fails: exit status 1. Its output:\nagain: lintel run "
                                                           r"--seed 1 --max-time 60 cli_time.beam\nlintel: the program's time is over\n$"),
    ("run --seed -1 cli_hello.beam", "", 2, r"^lintel: --seed -1: not a number from 0 to 2\^64 - 1\n$"),
    ("run --seed 18446744073709551616 cli_hello.beam", "", 2, r"^lintel: --seed 18446744073709551616: not a number"),
    ("run --seeds 9..8 cli_hello.beam", "", 2, r"^lintel: --seeds 9..8: not two numbers as in 1..1000, the second not less\n$"),
    ("run --seeds 9 cli_hello.beam", "", 2, r"^lintel: --seeds 9: not two numbers"),
    ("run --seeds 1..2 --seed 3 cli_hello.beam", "", 2, r"^lintel: --seed is for one run"),
    ("run --until-failure cli_hello.beam", "", 2, r"^lintel: --until-failure belongs to --seeds\n$"),
    ("run --jobs 2 cli_hello.beam", "", 2, r"^lintel: --jobs belongs to --seeds\n$"),
    ("run --trace t cli_hello.beam", "", 2, r"^lintel: --trace belongs to --seed or --virtual-clock"),
    ("run --seed 1 --trace /no/such cli_hello.beam", "", 2, r"^lintel: --trace /no/such: No such file or directory\n$"),
    ("run --seed 1 -S 2 cli_hello.beam", "", 2, r"^lintel: --schedulers 2: with a seed or a virtual clock there is one\n$"),
    ("run --seeds 1..9 no_such.beam", "", 2, r"^lintel: no_such.beam: cannot be read: No such file or directory\n$"),
    ("run --seeds 1..9 -m lists", "", 2, r"^lintel: module lists exports none of"),
    ("check cli_hello.beam", "", 0, r"nothing is missing"),
    ("check cli_gaps.beam", "", 1, r"^cli_gaps.beam:\n"
                                   r"  lists:no_such/1: not exported by \S+/lists.beam\n"
                                   r"  no_such_module:f/0: no module no_such_module on the code path\n$"),
    ("check cli_hello.beam cut.beam", "", 1, r"cli_hello.beam:\n  nothing is missing\ncut.beam:\n  refused: cut.beam: "),
    ("check no_such.beam", "", 1, r"refused: no_such.beam: cannot be read: No such file"),
    ("disasm cli_hello.beam main/0", "", 0, r"^\nfunction main/0\n(?s:.*)call_ext_only 1 io:format/1\n"
                                            r"(?s:.*)\nlowered main/0\n(?s:.*)call_ext_only target=io:format/1\n"),
    ("disasm cli_hello.beam", "", 0, r"^module cli_hello\n(?s:.*)\nimports\n(?s:.*)\nlines\n(?s:.*)\nfunction main/0\n"
                                     r"(?s:.*)\nchunks\n  AtU8  offset 20 +\d+ bytes\n(?s:.*)\nlowered main/0\n"),
    ("disasm cli_hello.beam 'module_info'/0", "", 0, r"^\nfunction module_info/0\n(?s:.*)\nlowered module_info/0\n"),
    ("disasm --jit cli_hello.beam main/0", "", 0, r"^\nmachine code main/0\n(?s:.*)\n +\d+  call_ext_only target=io:format/1\n( +[0-9a-f]+  .+\n)+(?s:.*)\n  cold\n"),
    ("disasm --jit cli_hello.beam nope/1", "", 2, r"cli_hello.beam: no function nope/1"),
    ("disasm cli_hello.beam -main/0-fun-0-/0", "", 2, r"cli_hello.beam: no function -main/0-fun-0-/0"),
    ("disasm cli_hello.beam nope/1", "", 2, r"cli_hello.beam: no function nope/1"),
    ("disasm cut.beam", "", 2, r"cut.beam: "),
    ("--version", "", 0, r"^lintel \d+\.\d+\.\d+\n$"),
    ("--version -v", "", 0, r"^lintel \d+\.\d+\.\d+\nmachine code: (x86-64|AArch64|none \([^()\n]+\))\n$"),
    ("-v --version", "", 0, r"^lintel \d+\.\d+\.\d+\nmachine code: .+\n$"),
    ("-v", "", 2, r"^lintel: --verbose requires --version\n"),
    ("run --jit=off cli_hello.beam", "", 0, r"^hello\n$"),
    ("run --jit eager cli_hello.beam", "", 0, r"^hello\n$"),
    ("run --jit=always cli_hello.beam", "", 2, r"^lintel: --jit: neither off, lazy nor eager: always\n"),
    ("run --jit= cli_hello.beam", "", 2, r"^lintel: --jit: "),
    ("run --code-symbols maps cli_hello.beam", "", 2, r"^lintel: --code-symbols: not of map, dump, gdb, true and false, separated by commas: maps\n"),
    ("run --code-symbols=gdb,false cli_hello.beam", "", 0, r"^hello\n$"),
]

# Sanitizers want all the address space that there is.
PLAIN = "grep -q __asan_init $LINTEL && echo end && exit; "

# What needs a shell: command ($LINTEL is the program), exit status, pattern for all output.
SHELL_CASES = [
    ("timeout --preserve-status 1 $LINTEL run cli_wait.beam", 0, r"^waiting\n=INFO REPORT==.*\nSIGTERM received - shutting down\n\n$"),
    ("timeout --preserve-status -s INT 1 $LINTEL run cli_wait.beam", 130, r"^waiting\n$"),
    # Somebody waits for input that never comes: others write, and the program ends.
    ("rm -f fifo; mkfifo fifo; exec 3<>fifo; timeout 20 $LINTEL run cli_reader.beam <&3", 0, r"^p> done\np> $"),
    ("$LINTEL run cli_much.beam > /dev/full", 1, r"^lintel: standard output: No space left on device\n$"),
    ("for c in 'disasm cli_much.beam' 'check cli_much.beam' --help --version; do $LINTEL $c > /dev/full && echo $c; done", 1,
     r"^(lintel: standard output: No space left on device\n){4}$"),
    # The flag goes before the environment, which a pack of its own has alone.
    ("LINTEL_JIT=eager $LINTEL run --jit lazy cli_hello.beam; LINTEL_JIT=always $LINTEL run --jit off cli_hello.beam; "
     "LINTEL_JIT=always $LINTEL run cli_hello.beam; LINTEL_JIT=always $LINTEL erl -noshell -s init stop; "
     "$LINTEL pack -q -o hello.lpk cli_hello.beam && $LINTEL run --jit eager hello.lpk && $LINTEL pack -q -o hello cli_hello.beam && "
     "LINTEL_JIT=off ./hello --jit always; LINTEL_JIT=always ./hello", 2,
     r"^hello\nhello\nlintel: LINTEL_JIT: neither off, lazy nor eager: always\n"
     r"LINTEL_JIT: neither off, lazy nor eager: always\nUsage: lintel erl .*\n.*\nhello\nhello\nlintel: LINTEL_JIT: neither off, lazy nor eager: always\n$"),
    ("LINTEL_CODE_SYMBOLS=maps $LINTEL run cli_hello.beam", 2, r"^lintel: LINTEL_CODE_SYMBOLS: not of .*: maps\n$"),
    ("sh -c 'echo $$ > pid; exec $LINTEL run --jit eager --code-symbols map cli_hello.beam'; f=/tmp/perf-$(cat pid).map; cut -d' ' -f3 $f | grep cli_hello; rm $f", 0,
     r"^hello\n\$cli_hello:main/0\n$"),
    ("mkdir -p dumps; JITDUMPDIR=dumps $LINTEL run --jit eager --code-symbols dump cli_hello.beam; head -c 4 dumps/.debug/jit/lintel-*/jit-*.dump; rm -r dumps", 0, r"^hello\nDTiJ$"),
    ("PATH=/no/such $LINTEL conformance", 2, r"^lintel: conformance: python3 is needed, and cannot be started: No such file or directory\n$"),
    ("d=$(mktemp -d); cp $LINTEL $d/lintel; $d/lintel conformance; s=$?; rm -r $d; exit $s", 2, r"^lintel: conformance: there is no runner: neither conformance/run.py in a folder above /"),
    (": > empty.beam; $LINTEL run empty.beam", 2, r"^lintel: empty.beam: not a BEAM file"),
    ("$LINTEL run cli_much.beam | head -c 5; exit ${PIPESTATUS[0]}", 1, r"^xxxxxlintel: standard output: Broken pipe\n$"),
    ("$LINTEL run cli_much.beam | wc -c", 0, r"^1000001\n$"),
    ("$LINTEL run cli_lines.beam <&-", 0, r"^\[eof,eof,eof\]\n$"),
    ("head -c 4000000 /dev/zero | tr '\\0' 'y' | $LINTEL run cli_hello.beam", 0, r"^hello\n$"),
    ("printf 'a\\377b\\n' | $LINTEL run cli_lines.beam", 0, r"^\[\{error,collect_line\},eof,eof\]\n$"),
    ("(echo one; sleep 0.3; echo two) | $LINTEL run cli_lines.beam", 0, r'^\["one\\n","two\\n",eof\]\n$'),
    # Little address space: it works, or it says what is missing, a line for each thing, perhaps when the work is done.
    (PLAIN + 'for v in 20000 30000 50000 80000 120000 160000 250000 1000000; do out=$(ulimit -v $v; timeout 20 $LINTEL run cli_hello.beam 2>&1); '
     's=$?; case "$s $out" in "0 hello") continue;; "1 "*) [ "$(echo "$out" | grep -v ^hello$ | sed "s/^lintel: .*/told/" | sort -u)" = told ] && continue;; esac; '
     'echo "$v: $s $out"; done; echo end', 0, r"^end\n$"),
    (PLAIN + 'for w in list binary ets stack mailbox; do out=$(ulimit -v 300000; timeout 50 $LINTEL run cli_grow.beam -- $w 2>&1); '
     's=$?; case "$s $out" in "1 "*"out of memory"*|"1 "*"system"?"limit"*) ;; *) echo "$w: $s $out";; esac; done; echo end', 0, r"^end\n$"),
    # The VM's own limit.
    ("timeout 50 $LINTEL run cli_flood.beam --max-memory 64m", 0, r"^true 500500\n$"),
    ("timeout 50 $LINTEL run cli_bomb.beam --max-memory 64m", 0, r"^\[system_limit(,\s*system_limit){5}\]\n$"),
    ("timeout 50 $LINTEL run cli_zip_bomb.beam --max-memory 64m 2>&1; echo $?", 0,
     r"^(lintel: out of memory: process <[\d.]+> ends \(\d+ words of heap wanted\)\n)?lintel: exception exit: (killed|system_limit)\n1\n$"),
    ("timeout 50 $LINTEL run cli_etf_bomb.beam --max-memory 64m", 0, r"^system_limit 40000000\n$"),
    ("for w in mailbox ets binary; do timeout 50 $LINTEL run cli_grow.beam --max-memory 64m -- $w > out 2>&1; echo $? $(grep -c 'system.limit\\|killed' out); done", 0,
     r"^(1 [1-9]\n){3}$"),
    ("for w in list put stack; do timeout 50 $LINTEL run cli_grow.beam --max-memory 64m -- $w 2>&1; echo $?; done", 0,
     r"^(lintel: out of memory: process <[\d.]+> ends \(\d+ words of heap wanted\)\nlintel: exception exit: killed\n1\n){3}$"),

    # What a program may do, and how much.
    ("$LINTEL run --allow none --show-denied cli_confined.beam", 0,
     r"^(lintel: denied: (files|environment|programs|network|clock)[^\n]*\n)+\[eacces,\s*\{error,eacces\},\s*true,\s*\{'EXIT',\{eperm,(?s:.*),\s*eperm,2000\]\n$"),
    ("rm -rf root; mkdir -p root/etc; echo mine > root/etc/hostname; $LINTEL run --allow files,clock --file-root root --read-only cli_confined.beam; ls root", 0,
     r"^\[<<\"mine\\n\">>,\s*\{error,eacces\},\s*true,\s*(?s:.*),\s*20\d\d\]\netc\n$"),
    ("$LINTEL run --network 10.0.0.0/8 --show-denied cli_confined.beam; rm written", 0,
     r"^lintel: denied: network 127.0.0.1:9\n\[(?s:.*),\s*eacces,\s*20\d\d\]\n$"),
    ("$LINTEL run --limit time=0.2 cli_endless.beam; echo $?; $LINTEL run --limit reductions=1M cli_endless.beam; echo $?", 0, r"^lintel: the program's time is over\n1\n1\n$"),
    ("for w in lookups equals; do timeout 50 $LINTEL run --limit time=0.9 cli_walks.beam -- $w; echo $?; done", 0, r"^((lintel: exception exit: killed\n)?lintel: the program's time is over\n1\n){2}$"),
    ("timeout 50 $LINTEL run --seed 1 --max-time 1 cli_walks.beam -- equals", 1, r"^(lintel: (exception exit: killed|the program's time is over)\n)+$"),
    # A program that goes while it is tried; threads that cannot be had.
    ("cp cli_vanishes.beam cli_vanishing.beam; $LINTEL run --seeds 1..9 cli_vanishing.beam", 2, r"^(lintel: cli_vanishing.beam: cannot be read[^\n]*\n)+$"),
    ("(ulimit -s 1000000; ulimit -v 6000000; $LINTEL run --seeds 1..20 --jobs 20 cli_hello.beam); true", 0, r"^((lintel: [^\n]*out of memory[^\n]*|no seed of 1..20 fails)\n)+$"),
    # What comes from outside, at whatever moment: never a program that waits for nothing.
    ("for i in 1 2 3 4 5 6 7 8 9 10; do (sleep 0.0$i; echo x) | timeout 20 $LINTEL run --seed $i cli_reads.beam; done 2>&1 | sort | uniq -c", 0,
     r"^ *10 +<\d+\.\d+\.\d+> waits in cli_reads:main/0\n *10 lintel: deadlock: [^\n]*\n$"),
    ("for o in '--allow nothing' '--limit some=1' '--limit atoms=-1' '--limit time' '--file-root /no/such' '--network nowhere'; do "
     "$LINTEL run $o cli_hello.beam; done", 2,
     r"^lintel: --allow nothing: no such right; there are files, [^\n]*\nlintel: --limit some=1: no such limit; there are memory, [^\n]*\n"
     r"lintel: --limit atoms=-1: not a number from 1 on\nlintel: --limit time: not a number from 1 on\nlintel: --file-root /no/such: cannot be opened\n"
     r"lintel: --network nowhere: no rules of addresses\n$"),
    # Seeds: what is found comes back.
    ("again=$($LINTEL run --seeds 1..200 --until-failure cli_race.beam -- 'a b' | tail -1); echo \"$again\"; $LINTEL ${again#again: lintel} > one 2>&1; "
     "for i in 1 2 3; do $LINTEL ${again#again: lintel} 2>&1 | cmp - one; done; cut -c1-2 one | head -1", 0,
     r"^again: lintel run --seed \d+ cli_race.beam -- 'a b'\n\[[23]\n$"),
    ("for i in 1 2; do $LINTEL run --seed 99 --trace trace$i cli_crash.beam > /dev/null; $LINTEL run --seed 99 cli_chance.beam; done; cmp trace1 trace2 && "
     "grep -c begin trace1; grep -m 1 -o ' spawn .*' trace1", 0, r"^(.*\n)\1\d{3,}\n spawn <0\.0\.0> by host lintel_boot:start/5\n$"),
    ("$LINTEL run --seed 1 --trace /dev/full cli_hello.beam", 1, r"^hello\nlintel: --trace /dev/full: No space left on device\n$"),

    # Packs, and programs of one file, which run where there is no OTP.
    ("$LINTEL pack -q -o two.lpk -m cli_server cli_server.beam cli_helper.beam && $LINTEL run two.lpk -- a b", 0,
     r'^\["a","b"\] \{\'EXIT\',\{undef,(?s:.*)$'),
    ("$LINTEL pack -q -o kept.lpk -m cli_server cli_server.beam cli_helper.beam --keep 'cli_n*' && LINTEL_OTP_ROOT=/no LINTEL_ELIXIR_LIB=/no "
     "$LINTEL run kept.lpk", 0, r"^\[\] named\n$"),
    ("$LINTEL pack -o one cli_hello.beam && env -i ./one -- --help && mkdir -p other && mv one other && cd other && env -i ./one", 0,
     r"^one: [\d.]+ [kM]B: \d+ modules, \d+ files; they had (?s:.*)  stdlib-\S+ +\d+ of \d+ modules(?s:.*)hello\nhello\n$"),
    ("$LINTEL pack -q -o args cli_args.beam && env -i ./args run --version -- x", 0, r'^\["run","--version","--","x"\]\n$'),
    ("$LINTEL pack -q -o halt cli_halt.beam && ./halt", 7, r"^$"),
    ("$LINTEL pack -o report.lpk --report cli_hello.beam | grep -E '^  (lists|ssl|cli_args|io) '", 0,
     r"(?m)^  io  [^\n]* of [^\n]* called by cli_hello:main/0$"),
    ("$LINTEL pack -q -o drop.lpk --drop io --drop io_lib cli_hello.beam && $LINTEL run drop.lpk", 1, r"^lintel: the program ended"),
    ("$LINTEL pack -q -o noopt.lpk --no-otp -m cli_server cli_server.beam cli_helper.beam; $LINTEL pack --list noopt.lpk; $LINTEL run noopt.lpk", 0,
     r"^ +\d+  cli_helper.beam\n +\d+  cli_server.beam\nnoopt.lpk: 2 modules, 0 files; runs cli_server; needs an OTP\n\[\] \{'EXIT'"),
    ("$LINTEL pack --verify two.lpk", 0, r"^two.lpk: \d+ modules, \d+ files; runs cli_server\nnothing is damaged; all modules are verified\n$"),
    ("rm -rf parts; $LINTEL pack --extract two.lpk -o parts && ls parts/cli_server.beam parts/lib/stdlib-*/ebin/stdlib.app && $LINTEL run parts/cli_server.beam", 0,
     r"parts/cli_server.beam\nparts/lib/stdlib-(?s:.*)\n\[\] "),
    ("head -c 100000 two.lpk > short.lpk; for c in 'pack --list' 'pack --verify' run; do $LINTEL $c short.lpk; done", 2,
     r"^(lintel: (pack: )?/?\S*short.lpk: offset 16: a pack of \d+ bytes by its header, but there are 100000\n){3}$"),
    ("(head -c 5000 two.lpk; printf XXXX; tail -c +5005 two.lpk) > damaged.lpk; $LINTEL pack --verify damaged.lpk; $LINTEL pack --list one.lpk", 1,
     r"^lintel: pack: \S*damaged.lpk: offset \d+: \S+ is damaged\nlintel: pack: one.lpk: offset 0: cannot be read: No such file or directory\n$"),
    ("rm -f key key.pub other_key other_key.pub; $LINTEL pack --new-key key > /dev/null && $LINTEL pack --new-key other_key > /dev/null && "
     "$LINTEL pack -q --sign key -o signed.lpk cli_hello.beam && $LINTEL run signed.lpk && $LINTEL run --signed --trust key.pub signed.lpk && "
     "LINTEL_PACK_KEYS=other_key.pub:key.pub $LINTEL run --signed signed.lpk && $LINTEL pack --verify signed.lpk --trust key.pub", 0,
     r"^hello\nhello\nhello\nsigned.lpk: .*; signed by [0-9a-f]{64}, which is trusted\nnothing is damaged"),
    ("$LINTEL run --signed --trust other_key.pub signed.lpk; $LINTEL run --signed --trust key.pub two.lpk; $LINTEL run --trust nothing two.lpk", 2,
     r"^lintel: \S*signed.lpk: offset 128: signed by a key that is not trusted\nlintel: \S*two.lpk: offset 128: not signed\n"
     r"lintel: --trust nothing: no key\n$"),
    # Private files: read in the pack, or written to a folder for programs that want them there.
    ("rm -rf cli_priv-1 cache; mkdir -p cli_priv-1/ebin cli_priv-1/priv/sub; cp cli_priv.beam cli_priv-1/ebin; printf text > cli_priv-1/priv/sub/t; "
     "printf '#!/bin/sh\\necho ran\\n' > cli_priv-1/priv/run.sh; chmod +x cli_priv-1/priv/run.sh; "
     "echo '{application, cli_priv, [{vsn, \"1\"}, {applications, [kernel, stdlib]}, {env, [{k, v}]}]}.' > cli_priv-1/ebin/cli_priv.app; "
     "$LINTEL pack -q -o priv.lpk -pa cli_priv-1/ebin --app cli_priv -m cli_priv && $LINTEL run priv.lpk | head -1; "
     "$LINTEL pack -q -o priv --unpack-priv -pa cli_priv-1/ebin --app cli_priv -m cli_priv && mv cli_priv-1/priv gone; XDG_CACHE_HOME=$PWD/cache ./priv; "
     "rm -rf gone", 0,
     r'^(\{ok,v\} \{ok,<<"text">>\} \[4,regular,true,true,false\] \["run.sh","sub"\] \["run.sh","sub","sub/t"\] \[\{ok,\["t"\]\},\{error,enotdir\},\{error,enoent\}\] (/bin/sh: [^\n]*not found|ran)\n){2}$'),
    ("$LINTEL pack; $LINTEL pack -o x; $LINTEL pack -o x.lpk --app no_such; $LINTEL pack -o x cli_args.beam cli_hello.beam; "
     "$LINTEL pack -o x.lpk cut.beam; $LINTEL pack -o /no/such/x.lpk cli_hello.beam", 1,
     r"^lintel: pack: say with -o what to write: a pack FILE.lpk, or an executable\nlintel: pack: nothing to pack: [^\n]*\n"
     r"lintel: pack: no application no_such on the code path\nlintel: pack: an executable needs a module to run: say it with -m\n"
     r"lintel: pack: cut.beam: [^\n]*\nlintel: pack: /no/such/x.lpk: cannot be written: No such file or directory\n$"),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lintel", required=True)
    parser.add_argument("--build", required=True)
    options = parser.parse_args()
    build = pathlib.Path(options.build).resolve()
    build.mkdir(parents=True, exist_ok=True)
    for name, body in PROGRAMS.items():
        head = re.match(r"(\w+)\((.*?)\)", body.split("\n", 1)[-1] if body.startswith("-export") else body)
        arity = 1 if head.group(2) else 0
        body = body if body.startswith("-export") else f"-export([{head.group(1)}/{arity}]).\n{body}"
        (build / f"{name}.erl").write_text(f"-module({name}).\n{body}\n")
    subprocess.run(["erlc"] + [f"{name}.erl" for name in PROGRAMS], cwd=build, check=True)
    (build / "cut.beam").write_bytes((build / "cli_hello.beam").read_bytes()[:300])

    failed = 0
    command = str(pathlib.Path(options.lintel).resolve())
    for arguments, stdin, status, pattern in CASES:
        try:
            done = subprocess.run([command] + arguments.split(), cwd=build, input=stdin, text=True, capture_output=True,
                                  timeout=60, env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})
            text, actual = done.stdout + done.stderr, done.returncode
        except subprocess.TimeoutExpired:
            text, actual = "", "no end after 60 s"
        if actual != status or not re.search(pattern, text):
            failed += 1
            print(f"FAIL lintel {arguments}: status {actual} (wanted {status})\n{text}")
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LINTEL": command}
    for line, status, pattern in SHELL_CASES:
        done = subprocess.run(["bash", "-c", line], cwd=build, text=True, stdin=subprocess.DEVNULL, env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        if done.returncode != status or not re.search(pattern, done.stdout):
            failed += 1
            print(f"FAIL {line}: status {done.returncode} (wanted {status})\n{done.stdout[:2000]}")
    print(f"{len(CASES) + len(SHELL_CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
