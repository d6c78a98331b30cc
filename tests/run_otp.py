#!/usr/bin/env python3
"""OTP's programs on Lintel: each command line runs with the programs of a folder made by `lintel link-otp`, and with the real one. Standard output, standard
error and exit status must be the same.

In a command, `erl` is the program under test, also for elixir, escript and erlc. --otp runs them on a release that tools/fetch_otp.sh has
unpacked instead of the installed one. The last line is 'N passed, N failed'.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from comparison import ROOT, difference, run_all

EVAL = "erl -noshell -eval "


def signalled(code, signal, flags=""):
    """A command that sends the signal when `code` has written the file `up`."""
    return f"{{ erl {flags} -noshell -eval '{code}.' & while [ ! -f up ]; do sleep 0.1; done; sleep 0.5; kill -{signal} $!; wait $! 2>/dev/null; echo $?; }} 2>&1 | " \
           "sed 's/[0-9]*-[A-Z][a-z]*-[0-9:.]*//'"


# A program that begins to read late.
SLOW_READER = "P = open_port({spawn_executable, \"/bin/sh\"}, [out, {args, [\"-c\", \"sleep 0.5; wc -c > size\"]}]), " \
              "port_command(P, binary:copy(<<\"x\">>, 500000)), "

# Names of files and variables, and arguments of programs, in the encoding of the flags or the locale.
NAMES = "[A] = init:get_plain_arguments(), P = fun(X) -> io:format(\"~w~n\", [X]) end, P({file:native_name_encoding(), A}), " \
        "[catch file:write_file(F, []) || F <- [<<\"x\", 229>>, \"y\" ++ [229], \"z\" ++ [960]]], P(catch begin {ok, L} = file:list_dir(\".\"), lists:sort(L) end), " \
        "os:putenv(\"LINTEL_NAME\", [229]), P({os:getenv(\"LINTEL_NAME\"), catch os:putenv(\"N\", [960])}), P(os:cmd(\"printf %s \\\"$LINTEL_NAME\\\" | od -c\")), " \
        "Q = open_port({spawn_executable, \"/usr/bin/printf\"}, [{args, [\"%s\", [229]]}]), receive {Q, {data, D}} -> P(D) end, halt()."

CASES = [
    # Start and end
    EVAL + "'io:format(\"hello ~p~n\", [erlang:system_info(otp_release)]), halt().'",
    "erl -noshell -setcookie x +B i +Bd +B c +B d -eval 'io:format(\"~p~n\", [init:get_arguments()]), halt().'",
    "erl -noshell -setcookie x +B i -eval 'io:format(\"~p~n\", [init:get_argument(setcookie)]), halt().'",
    "erl -noshell +B y -s erlang halt",
    EVAL + "'halt(7).'",
    EVAL + "'init:stop().'",
    EVAL + "'init:stop(3).'",
    EVAL + "'io:put_chars(\"no newline\"), erlang:halt(0, [{flush, true}]).'",
    EVAL + "'error(bad).'; echo $?",
    # What ports have to write comes before the end, unless nobody takes it or it is not wanted
    EVAL + "'" + SLOW_READER + "halt(3).'; echo $?; sleep 1; cat size",
    EVAL + "'" + SLOW_READER + "halt(3, [{flush, false}]).'; echo $?; sleep 1; [ $(cat size) -le 65536 ] && echo what the pipe takes",
    EVAL + "'P = open_port({spawn, \"sleep 0.5\"}, [out]), port_command(P, binary:copy(<<\"x\">>, 500000)), halt(5).'; echo $?",
    EVAL + "'1 + .'; echo $?",
    "erl -noshell -s erlang halt",
    "erl -noshell -s no_such_module; echo $?",
    "erl -noshell -run lists reverse abc -run erlang halt 5",
    "erl -noshell -boot no_such_file; echo $?",
    # Signals: the program says when it is ready
    signalled("file:write_file(\"up\", [])", "TERM"),
    signalled("file:write_file(\"up\", [])", "QUIT"),
    signalled("file:write_file(\"up\", [])", "USR1") + "; grep -c ^=proc erl_crash.dump > /dev/null; echo $?",
    signalled("file:write_file(\"up\", [])", "USR2"),
    signalled("file:write_file(\"up\", [])", "INT"),
    signalled("file:write_file(\"up\", [])", "INT", "+Bd"),
    signalled("os:set_signal(sigterm, ignore), file:write_file(\"up\", []), timer:sleep(1500), halt(5)", "TERM"),
    signalled("os:set_signal(sigterm, default), file:write_file(\"up\", [])", "TERM"),
    signalled("os:set_signal(sigusr2, handle), H = self(), spawn(fun() -> unregister(erl_signal_server), register(erl_signal_server, self()), "
              "file:write_file(\"up\", []), receive M -> io:format(\"~p~n\", [M]) end, halt() end), timer:sleep(10000)", "USR2"),
    EVAL + "'[io:format(\"~p~n\", [catch {S, O, os:set_signal(S, O)}]) || S <- [sighup, sigquit, sigabrt, sigalrm, sigterm, sigusr1, sigusr2, sigchld, "
    "sigstop, sigtstp, sigcont, sigint, sigkill, foo, 1], O <- [handle, ignore, default, other]], halt().' 2>&1",
    EVAL + "'halt(abort).'; echo $?",
    # As much of the crash dump as is wanted
    "for n in 0 10 100 -1 word; do rm -f erl_crash.dump; ERL_CRASH_DUMP_BYTES=$n " + EVAL + "'halt(\"slogan\").' 2>&1; "
    "echo; [ -f erl_crash.dump ] && { head -c 10 erl_crash.dump; echo; tail -c 38 erl_crash.dump | tail -1; }; done",
    # The other end of standard output goes, or the disk is full, while the program writes; standard descriptors that are not open
    "{ erl -noshell -eval '[begin io:format(\"line ~p~n\", [N]), timer:sleep(50) end || N <- lists:seq(1, 20)], halt(3).'; echo $? >&2; } | head -1",
    "{ erl -noshell -eval 'timer:sleep(300), R = [begin timer:sleep(50), try io:put_chars(\"line\\n\") catch error:E -> E end end || _ <- [1, 2, 3]], "
    "file:write_file(\"result\", io_lib:format(\"~p~n\", [{R, whereis(user)}])), halt(3).'; echo $? >> result; } | true; sleep 1; cat result",
    EVAL + "'R = [begin timer:sleep(50), try io:put_chars(\"line\\n\") catch error:E -> E end end || _ <- [1, 2, 3]], "
    "io:format(standard_error, \"~p~n\", [{R, whereis(user)}]), halt(3).' > /dev/full; echo $?",
    "elixir -e 'IO.puts(1)' > /dev/full; echo $?",
    EVAL + "'R = io:format(\"line\"), io:format(standard_error, \"~p~n\", [R]), halt(3).' >&-; echo $?",
    "elixir -e 'IO.puts(1)' >&-; echo $?",
    EVAL + "'io:format(\"~p~n\", [io:get_line(\"\")]), halt(3).' <&-; echo $?",
    "elixir -e 'IO.inspect(IO.gets(\"x\"))' <&-; echo $?",
    EVAL + "'R = io:get_line(\"\"), io:format(standard_error, \"~p~n\", [R]), halt(3).' <&- >&-; echo $?",
    EVAL + "'io:format(\"~p~n\", [io:format(standard_error, \"x\", [])]), halt(3).' 2>&-; echo $?",
    # Flags and arguments
    "erl +S 3:2 -noshell -eval 'io:format(\"~p~n\", [erlang:system_info(schedulers)]), halt().'",
    "erl +P 5000 -noshell -eval 'io:format(\"~p~n\", [erlang:system_info(process_limit)]), halt().'",
    "erl +sbt db +swt low +MBas ageffcbf +K true +A4 +pc unicode +zdbbl 100 -noshell -s erlang halt",
    EVAL + "'io:format(\"~p~n\", [{init:get_arguments(), init:get_plain_arguments()}]), halt().' -foo a b -bar -extra x -y +z",
    EVAL + "'io:format(\"~p~n\", [init:get_plain_arguments()]), halt().' -- a -b -- c",
    "ERL_FLAGS='-flags \"a b\"' ERL_AFLAGS='-first x' ERL_ZFLAGS='-last y' "
    + EVAL + "'io:format(\"~p~n\", [[init:get_argument(A) || A <- [first, flags, last]]]), halt().'",
    "printf -- '-fromfile 1 # comment\\n-eval io:put_chars(\\\\\"in\\\\\")\\n' > args; erl -noshell -args_file args -s init stop",
    "erl -env SOME_NAME value -noshell -eval 'io:format(\"~p~n\", [os:getenv(\"SOME_NAME\")]), halt().'",
    "erl -noshell -config no_such -s erlang halt; echo $?",
    "echo '[{stdlib, [{some_key, 5}]}].' > one.config; erl -config one -noshell -eval 'io:format(\"~p~n\", [application:get_env(stdlib, some_key)]), halt().'",
    "erl -mode embedded -noshell -eval 'io:format(\"~p~n\", [code:get_mode()]), halt().'",
    # What processes get for which nobody asks otherwise, limits, names outside
    "erl +S 4:2 +Q 3000 +hms 100 +hmbs 60000 +hmax 900000 +hmaxk false +hmaxel false +hmqd off_heap +zosrl 7 +W i -noshell -eval 'S = fun erlang:system_info/1, "
    "io:format(\"~p~n\", [[[S(I) || I <- [schedulers, schedulers_online, port_limit, min_heap_size, min_bin_vheap_size, max_heap_size, message_queue_data, "
    "outstanding_system_requests_limit]], process_info(self(), [message_queue_data]), proplists:delete(minor_gcs, element(2, process_info(self(), garbage_collection))), "
    "error_logger:warning_map()]]), halt().'",
    "erl +pc unicode -noshell -eval 'io:format(\"~p ~tp~n\", [io:printable_range(), [960, 946]]), halt().'",
    *[f"printf '\\303\\245' > name; LC_ALL={locale} erl {flag} -kernel logger_level error -noshell -eval '" + NAMES + "' -extra \"$(cat name)\" 2>&1 | od -c"
      for locale in ("C", "C.UTF-8", "no_such") for flag in ("", "+fnl", "+fnu", "+fnae", "+fnui")],
    # What the logger says of a process is said with the node's name, if it has one
    "erl -sname lintel_test_$$ -noshell -eval 'spawn(fun() -> error(oops) end), timer:sleep(700), halt().' 2>&1 | "
    "sed 's/[0-9]*-[A-Z][a-z]*-[0-9:.]*//; s/<0[.0-9]*>/PID/; s/lintel_test_[0-9]*@[^ ]*/NODE/'",
    # A configuration that comes through standard input, which is closed when it has been read
    "echo '[{kernel, [{logger_level, warning}]}].' | erl -configfd 0 -noshell -eval 'io:format(\"~p~n\", [application:get_env(kernel, logger_level)]), halt().' "
    "2>&1 | grep warning",
    # What is there
    EVAL + "'io:format(\"~p~n\", [lists:sort(registered())]), halt().'",
    EVAL + "'io:format(\"~p~n\", [lists:sort([A || {A, _, _} <- application:which_applications()])]), halt().'",
    EVAL + "'io:format(\"~p~n\", [{code:root_dir(), code:lib_dir(stdlib), code:which(lists), node(), length(processes())}]), halt().'",
    EVAL + "'io:format(\"~p~n\", [os:cmd(\"echo a; echo b >&2; cat /dev/null; exit 3\")]), halt().'",
    EVAL + "'io:format(\"~p~n\", [{file:get_cwd(), file:read_file(\"one.config\"), file:consult(\"one.config\")}]), halt().'",
    EVAL + "'spawn(fun() -> exit(oops) end), spawn(fun() -> error(oops) end), timer:sleep(700), logger:error(\"~p\", [x]), timer:sleep(300), halt().' 2>&1 | "
    "sed 's/[0-9]*-[A-Z][a-z]*-[0-9:.]*//; s/<0[.0-9]*>/PID/'",
    # Tracing
    EVAL + "'dbg:tracer(), dbg:p(all, c), dbg:tpl(lists, seq, x), lists:seq(1, 3), (catch lists:seq(a, b)), timer:sleep(100), dbg:stop_clear(), "
    "timer:sleep(100), halt().' 2>&1 | sed 's/<0[.0-9]*>/PID/'",
    EVAL + "'dbg:tracer(), dbg:p(self(), [c]), dbg:tp(lists, sort, 1, cx), lists:sort([2, 1]), timer:sleep(100), dbg:stop_clear(), "
    "dbg:ltp(), halt().' 2>&1 | sed 's/<0[.0-9]*>/PID/'",
    EVAL + "'dbg:tracer(port, dbg:trace_port(file, \"t.trc\")), dbg:p(self(), [c, timestamp]), dbg:tpl(lists, seq, x), lists:seq(1, 3), "
    "io:format(\"~p~n\", [dbg:flush_trace_port()]), dbg:stop_clear(), timer:sleep(100), Me = self(), dbg:trace_client(file, \"t.trc\", "
    "{fun(end_of_trace, N) -> Me ! N; (E, N) -> io:format(\"~p~n\", [setelement(tuple_size(E), setelement(2, E, p), t)]), N + 1 end, 0}), "
    "receive X -> io:format(\"~p~n\", [X]) end, halt().'",
    EVAL + "'dbg:tracer(port, dbg:trace_port(file, {\"w\", wrap, \".trc\", 1000, 3})), dbg:p(self(), [c]), dbg:tpl(lists, reverse, 1, []), "
    "[lists:reverse([N]) || N <- lists:seq(1, 100)], dbg:flush_trace_port(), dbg:stop_clear(), timer:sleep(100), "
    "io:format(\"~p~n\", [[{F, filelib:file_size(F)} || F <- lists:sort(filelib:wildcard(\"*.trc\"))]]), Me = self(), C = dbg:trace_client(file, {\"w\", wrap, \".trc\", 1000, 3}, "
    "{fun(E, L) -> Me ! {event, E}, L end, []}), M = monitor(process, C), receive {_, M, _, _, R} -> io:format(\"~p~n\", [R]) after 5000 -> io:format(\"no end~n\") end, "
    "F = fun G() -> receive {event, E} -> io:format(\"~p~n\", [if is_tuple(E) -> element(4, E); true -> E end]), G() after 0 -> halt() end end, F().'",
    EVAL + "'dbg:tracer(port, dbg:trace_port(file, {\"w\", wrap, \"\", {time, 200}, 2})), dbg:p(self(), [c]), dbg:tpl(lists, reverse, 1, []), "
    "[begin lists:reverse([N]), timer:sleep(100) end || N <- lists:seq(1, 9)], dbg:stop_clear(), timer:sleep(100), "
    "io:format(\"~p~n\", [length(filelib:wildcard(\"w*\"))]), halt().'",
    EVAL + "'[begin {error, R} = dbg:tracer(port, dbg:trace_port(file, F)), io:format(\"~p~n\", [R]) end || F <- [\"/no/such/folder/t\", {\"/no/such/folder/t\", wrap, \"\"}]], halt().' "
    "2>&1 | grep -o 'enoent' | head -2",
    EVAL + "'{ok, _} = dbg:tracer(port, dbg:trace_port(ip, 0)), {ok, N} = dbg:trace_port_control(get_listen_port), dbg:p(self(), [c]), dbg:tpl(lists, seq, x), "
    "lists:seq(1, 2), {ok, S} = gen_tcp:connect(localhost, N, [binary, {active, false}]), {ok, <<0, L:32>>} = gen_tcp:recv(S, 5), {ok, B} = gen_tcp:recv(S, L), "
    "io:format(\"~p~n\", [setelement(2, binary_to_term(B), p)]), lists:seq(2, 3), timer:sleep(200), gen_tcp:close(S), timer:sleep(200), Me = self(), lists:seq(3, 5), "
    "C = dbg:trace_client(ip, N, {fun(E, L2) -> Me ! {event, setelement(2, E, p)}, L2 end, []}), lists:seq(4, 6), M = monitor(process, C), "
    "[receive {event, X} -> io:format(\"~p~n\", [X]) end || _ <- [1, 2]], dbg:stop_clear(), receive {'\"'DOWN'\"', M, _, _, R} -> io:format(\"~p~n\", [R]) end, halt().'",
    EVAL + "'{ok, L} = gen_tcp:listen(0, []), {ok, N} = inet:port(L), {error, E} = dbg:tracer(port, dbg:trace_port(ip, N)), io:format(\"~p~n\", [element(1, E)]), halt().' 2>&1 | head -1",
    EVAL + "'{ok, _} = ttb:tracer(node(), [{file, \"t\"}]), ttb:p(self(), [call]), ttb:tpl(lists, seq, x), lists:seq(1, 2), ttb:write_config(\"c\", all), "
    "{stopped, D} = ttb:stop([return_fetch_dir]), ttb:format(D, [{out, \"o\"}]), {ok, B} = file:read_file(\"o\"), io:put_chars(B), "
    "io:format(\"~p~n\", [length(ttb:list_config(\"c\"))]), halt().' 2>&1 | tr -d ' \n' | sed 's/<0[.0-9]*>/PID/g; s/{[0-9]*,[0-9]*,[0-9]*}/TIME/g; "
    "s/ttb_upload[^/]*-[0-9]*/LOGS/g'",
    EVAL + "'cprof:start(lists), lists:seq(1, 3), lists:seq(1, 4), cprof:pause(), io:format(\"~p~n\", [cprof:analyse(lists)]), cprof:stop(), halt().'",
    EVAL + "'eprof:start(), {ok, R} = eprof:profile(fun() -> lists:map(fun(X) -> {X} end, lists:seq(1, 100)), done end), io:format(\"~p~n\", [R]), "
    "eprof:analyze(), eprof:stop(), halt().' 2>&1 | awk '{print $1, $2}' | grep 'lists:' | sort",
    EVAL + "'fprof:apply(fun() -> lists:map(fun(X) -> {X} end, lists:seq(1, 10)) end, []), fprof:profile(), fprof:analyse([{dest, []}]), "
    "timer:sleep(100), halt().' 2>&1 | grep -o '{lists,[a-z]*,[0-9]}, *[0-9]*' | sort -u",
    # The shell, without a terminal
    "echo '1+2. X = 3. X * 2.' | erl",
    "printf 'foo(.\n1/0.\nio:format(\"~~p~~n\", [x]).\nq().\n' | erl; echo $?",
    "printf 'lists:seq(1,5).\nf().\nspawn(fun() -> error(a) end), timer:sleep(100).\nhalt(4).\n' | erl 2>&1 | sed 's/[0-9]*-[A-Z][a-z]*-[0-9:.]*//; s/<0[.0-9]*>/PID/'",
    # Ports
    EVAL + "'P = open_port({spawn, \"cat\"}, [binary, {packet, 2}]), P ! {self(), {command, \"hello\"}}, "
    "receive {P, X} -> io:format(\"~p~n\", [X]) end, P ! {self(), close}, receive {P, Y} -> io:format(\"~p~n\", [Y]) end, halt().'",
    EVAL + "'process_flag(trap_exit, true), P = open_port({spawn_executable, \"/bin/sh\"}, [{args, [\"-c\", \"echo aa; echo bbbb; printf cc; exit 7\"]}, "
    "exit_status, {line, 4}, {env, [{\"A\", \"1\"}]}]), (fun F() -> receive {P, X} -> io:format(\"~p~n\", [X]), F(); {_, P, R} -> "
    "io:format(\"~p~n\", [R]) end end)(), halt().'",
    EVAL + "'io:format(\"~p~n\", [[catch open_port(N, O) || {N, O} <- [{{spawn_executable, \"/no/such\"}, []}, "
    "{{foo, \"a\"}, []}, {{spawn, \"x\"}, [foo]}, {{spawn, \"cat\"}, [{packet, 3}]}, {{spawn_driver, \"nothing\"}, []}]]]), halt().'",
    # Sockets
    EVAL + "'io:format(\"~p~n\", [[inet:gethostbyname(\"localhost\"), inet:gethostbyname(\"localhost\", inet6), inet:getaddrs({127,0,0,1}, inet), "
    "inet:gethostbyaddr({127,0,0,1}), inet:gethostbyname(\"no.such.host.invalid\"), element(1, inet:gethostname()), inet_db:res_option(lookup)]]), halt().'",
    EVAL + "'{ok, L} = gen_tcp:listen(0, [binary, {ip, {127,0,0,1}}]), {ok, P} = inet:port(L), {ok, C} = gen_tcp:connect(\"localhost\", P, [binary, {active, false}]), "
    "{ok, S} = gen_tcp:accept(L), gen_tcp:send(C, \"hello\"), receive {tcp, S, D} -> io:format(\"~p~n\", [D]) end, inet:i(tcp, [module, type, state, recv, sent]), "
    "gen_tcp:close(S), io:format(\"~p~n\", [gen_tcp:recv(C, 0)]), halt().'",
    EVAL + "'{ok, _} = application:ensure_all_started(inets), file:write_file(\"index.html\", \"<p>served</p>\"), "
    "{ok, H} = inets:start(httpd, [{port, 0}, {server_name, \"s\"}, {server_root, \".\"}, {document_root, \".\"}, {bind_address, {127,0,0,1}}]), "
    "P = proplists:get_value(port, httpd:info(H)), U = \"http://127.0.0.1:\" ++ integer_to_list(P) ++ \"/\", "
    "[begin {ok, {{_, Code, _}, _, B}} = httpc:request(U ++ N), io:format(\"~p~n\", [{Code, case Code of 200 -> B; _ -> error end}]) end || N <- [\"index.html\", \"none\", \"index.html\"]], halt().'",
    EVAL + "'io:format(\"~p~n\", [[erl_epmd:names({127,0,0,1}), gen_tcp:connect(\"localhost\", 1, [])]]), halt().'",
    EVAL + "'{ok, L} = gen_tcp:listen(0, []), spawn(fun() -> gen_tcp:accept(L) end), spawn(fun() -> gen_tcp:accept(L, 50) end), timer:sleep(100), init:stop().'",
    EVAL + "'io:format(\"~p~n\", [catch open_port({spawn_driver, \"nothing at all\"}, [])]), halt().'",
    "ulimit -n 80; " + EVAL + "'F = fun G(L) -> case gen_tcp:listen(0, []) of {ok, S} -> G([S | L]); E -> {E, L} end end, {E, L} = F([]), [gen_tcp:close(S) || S <- L], "
    "io:format(\"~p~n\", [{E, length(L) > 20, element(1, gen_tcp:listen(0, []))}]), halt().'",
    "elixir -e '{:ok, l} = :gen_tcp.listen(0, [:binary, active: false, packet: :line]); {:ok, port} = :inet.port(l); "
    "Task.start_link(fn -> {:ok, s} = :gen_tcp.accept(l); {:ok, line} = :gen_tcp.recv(s, 0); :gen_tcp.send(s, String.upcase(line)) end); "
    "{:ok, c} = :gen_tcp.connect(~c\"localhost\", port, [:binary, active: false]); :gen_tcp.send(c, \"from elixir\\n\"); IO.inspect(:gen_tcp.recv(c, 0))'",
    f"erlc {ROOT}/tests/otp/backend.erl && erl -noshell -s backend main -s init stop",
    EVAL + "'io:format(\"~p~n\", [[whereis(socket_registry) =/= undefined, socket:number_of(), socket:info()]]), halt().'",
    "elixir -e '{:ok, s} = :socket.open(:inet, :dgram, :udp); :ok = :socket.bind(s, %{family: :inet, addr: :loopback}); {:ok, name} = :socket.sockname(s); "
    "IO.inspect(:socket.sendto(s, \"to myself\", name)); {:ok, {^name, data}} = :socket.recvfrom(s); IO.inspect(data); IO.inspect(:socket.close(s))'",
    # Programs made of it
    "printf '#!/usr/bin/env escript\nmain(A) -> io:format(\"~~p~~n\", [A]), halt(length(A)).\n' > e.escript; escript e.escript a b c; echo $?",
    "elixir -e 'IO.puts(\"héllo #{1 + 2}\"); IO.inspect(System.argv()); System.halt(2)' a b; echo $?",
    "elixir -e 'raise \"oops\"'; echo $?",
    # Tracing and monitoring
    f"erlc {ROOT}/tests/otp/call_memory.erl && erl -noshell -s call_memory main -s init stop",
    f"erlc {ROOT}/tests/otp/monitoring.erl && erl -noshell -s monitoring main -s init stop",
    f"erlc {ROOT}/tests/otp/heap_reports.erl && erl -noshell -s heap_reports main -s init stop",
    f"erlc {ROOT}/tests/otp/system_loggers.erl && erl -noshell -s system_loggers main -s init stop",
    f"erlc {ROOT}/tests/otp/ttb_use.erl && erl -noshell -s ttb_use main -s init stop",
]


# Of these, those that contain one of the following run on each release (--otp), and so do the further ones.
ON_RELEASES = ["otp_release", "halt(7)", "init:stop(3)", "error(bad)", "'1 + .'", "-s no_such_module", "-mode embedded", "[A || {A, _, _} <- application",
               "code:which(lists)", "os:cmd(", "exit(oops)", "-args_file", "cprof:start", "eprof:start", "echo '1+2.", "lists:seq(1,5).\\nf()",
               "exit_status, {line, 4}", "inet:i(tcp", "otp/backend.erl", ":socket.open", "gen_tcp.listen(0, [:binary", "System.argv", 'raise "oops',
               "dbg:tracer(), dbg:p(all, c)", "dbg:tp(lists, sort", "t.trc", "call_memory.erl", "monitoring.erl", "ttb_use.erl"]
FURTHER = [
    f"erlc {ROOT}/tests/otp/sessions.erl && erl -noshell -s sessions main -s init stop",
    EVAL + "'erlang:system_info(otp_release) < \"28\" andalso halt(), P = spawn(fun() -> io:format(\"~p~n\", [catch erlang:hibernate()]), receive X -> io:format(\"~p~n\", [X]) end, self() ! a, "
    "io:format(\"~p~n\", [catch erlang:hibernate()]), receive Y -> io:format(\"~p~n\", [Y]) end end), timer:sleep(100), link(P), timer:sleep(50), P ! hello, "
    "timer:sleep(1500), {_, A} = process_info(whereis(kernel_sup), reductions), timer:sleep(300), {_, B} = process_info(whereis(kernel_sup), reductions), "
    "io:format(\"~p ~p~n\", [B - A < 1000, supervisor:which_children(kernel_safe_sup)]), halt().' 2>&1 | head -5",
    f"erlc {ROOT}/tests/otp/session_races.erl && erl -noshell -s session_races main -s init stop",
    f"erlc {ROOT}/tests/otp/dbg_sessions.erl && erl -noshell -s dbg_sessions main -s init stop",
    f"erlc {ROOT}/tests/otp/library.erl && erl -noshell -s library main -s init stop",
    f"gcc -std=gnu99 -w -shared -fPIC -DERL_NIF_MINOR_VERSION=16 -I{ROOT}/include/lintel -o tracers_plain.so {ROOT}/tests/nif/tracers.c && erlc {ROOT}/tests/nif/tracers_plain.erl "
    f"{ROOT}/tests/nif/tracers_code.erl {ROOT}/tests/otp/module_sessions.erl && erl -noshell -s module_sessions main -s init stop",
    f"erlc {ROOT}/tests/otp/tprof_use.erl && erl -noshell -s tprof_use main -s init stop | sed 's/<0[.0-9]*>/PID/'",
    f"erlc {ROOT}/tests/otp/compression.erl && erl -noshell -s compression main -s init stop",
    f"erlc {ROOT}/tests/otp/batches.erl && erl -noshell -s batches main -s init stop",
    "printf '#!/usr/bin/env escript\nmain(A) -> io:put_chars([A, 10]), halt(length(A)).\n' > e.escript; escript e.escript a b c; echo $?",
    "printf -- '-module(warned).\n-export([f/1]).\nf(X) -> Y = X.\ng() -> 1 +.\n' > warned.erl; erlc warned.erl; echo $?",
    EVAL + "'c:c(\"one.config\"), ok = file:write_file(\"two.erl\", \"-module(two). -export([f/0]). f() -> ok.\"), io:format(\"~p ~p~n\", [c:c(two), two:f()]), halt().'",
]


def environment(folder, program, otp):
    variables = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8", HOME=str(folder))
    if otp is not None:
        variables["PATH"] = f"{otp}/programs:{variables['PATH']}"
        variables["LINTEL_OTP_ROOT"] = f"{otp}/usr/lib/erlang"
    if program is not None:
        programs = folder / "bin"
        subprocess.run([program, "link-otp", str(programs)], env=variables, check=True, capture_output=True)
        variables["PATH"] = f"{programs}:{variables['PATH']}"
    return variables


def run(command, program, otp, timeout):
    """What it writes and how it ends; the same folder name for both."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        work = folder / "work"
        work.mkdir()
        (work / "one.config").write_text("[].\n")
        try:
            done = subprocess.run(["sh", "-c", command], cwd=work, env=environment(folder, program, otp), stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=timeout)
        except subprocess.TimeoutExpired as expired:
            return f"no end after {timeout} s\n" + (expired.stdout or b"").decode("utf-8", "backslashreplace")
        text = f"status {done.returncode}\n--- stdout\n{done.stdout.decode('utf-8', 'backslashreplace')}\n--- stderr\n" \
               f"{done.stderr.decode('utf-8', 'backslashreplace')}"
        text = re.sub(r"#Port<[0-9.]+>", "#Port<>", text)
        text = re.sub(r"[a-z0-9/_-]*/usr/lib/erlang/erts-[0-9.]*/bin|" + re.escape(place) + "/bin", "PROGRAMS", text)
        text = re.sub(r"(Erlang/OTP \d+ \[erts-[\d.]+\]).*", r"\1", text)
        return text.replace(place, "FOLDER")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "quick" / "tools" / "lintel"), help="the program")
    parser.add_argument("--otp", type=os.path.abspath, help="folder of a release that tools/fetch_otp.sh has made")
    parser.add_argument("--filter", default="", help="only command lines that contain this")
    parser.add_argument("--timeout", type=int, default=60, help="seconds for each")
    arguments = parser.parse_args()
    lintel = str(pathlib.Path(arguments.lintel).resolve())
    cases = CASES if arguments.otp is None else [c for c in CASES if any(text in c for text in ON_RELEASES)] + FURTHER

    def test(command):
        return difference(run(command, None, arguments.otp, arguments.timeout), run(command, lintel, arguments.otp, arguments.timeout))

    return run_all([(command, test, command) for command in cases if arguments.filter in command], workers=1)


if __name__ == "__main__":
    sys.exit(main())
