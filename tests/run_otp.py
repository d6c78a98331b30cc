#!/usr/bin/env python3
"""OTP's programs on Lintel: each command line runs with `lintel erl` in place of `erl`, and with the real one. Standard output, standard
error and exit status must be the same.

In a command, `erl` is the program under test, also for elixir, escript and erlc. The last line is 'N passed, N failed'.
"""

import argparse
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

EVAL = "erl -noshell -eval "
CASES = [
    # Start and end
    EVAL + "'io:format(\"hello ~p~n\", [erlang:system_info(otp_release)]), halt().'",
    EVAL + "'halt(7).'",
    EVAL + "'init:stop().'",
    EVAL + "'init:stop(3).'",
    EVAL + "'io:put_chars(\"no newline\"), erlang:halt(0, [{flush, true}]).'",
    EVAL + "'error(bad).'; echo $?",
    EVAL + "'exit(normal).' -s init stop; echo $?",
    EVAL + "'1 + .'; echo $?",
    "erl -noshell -s erlang halt",
    "erl -noshell -s no_such_module; echo $?",
    "erl -noshell -run lists reverse abc -run erlang halt 5",
    "erl -noshell -boot no_such_file; echo $?",
    "{ " + EVAL + "'file:write_file(\"up\", []).' & while [ ! -f up ]; do sleep 0.1; done; sleep 0.5; kill -TERM $!; wait $!; echo $?; } 2>&1 | "
    "sed 's/[0-9]*-[A-Z][a-z]*-[0-9:.]*//'",
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
    # What is there
    EVAL + "'io:format(\"~p~n\", [lists:sort(registered())]), halt().'",
    EVAL + "'io:format(\"~p~n\", [lists:sort([A || {A, _, _} <- application:which_applications()])]), halt().'",
    EVAL + "'io:format(\"~p~n\", [{code:root_dir(), code:lib_dir(stdlib), code:which(lists), node(), length(processes())}]), halt().'",
    EVAL + "'io:format(\"~p~n\", [os:cmd(\"echo a; echo b >&2; cat /dev/null; exit 3\")]), halt().'",
    EVAL + "'io:format(\"~p~n\", [{file:get_cwd(), file:read_file(\"one.config\"), file:consult(\"one.config\")}]), halt().'",
    EVAL + "'spawn(fun() -> exit(oops) end), spawn(fun() -> error(oops) end), timer:sleep(700), logger:error(\"~p\", [x]), timer:sleep(300), halt().' 2>&1 | "
    "sed 's/[0-9]*-[A-Z][a-z]*-[0-9:.]*//; s/<0[.0-9]*>/PID/'",
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
    # Programs made of it
    "printf '#!/usr/bin/env escript\nmain(A) -> io:format(\"~~p~~n\", [A]), halt(length(A)).\n' > e.escript; escript e.escript a b c; echo $?",
    "elixir -e 'IO.puts(\"héllo #{1 + 2}\"); IO.inspect(System.argv()); System.halt(2)' a b; echo $?",
    "elixir -e 'raise \"oops\"'; echo $?",
]


def environment(folder, program):
    variables = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8", HOME=str(folder))
    if program is not None:
        programs = folder / "bin"
        programs.mkdir()
        script = programs / "erl"
        script.write_text(f'#!/bin/sh\nexec {program} erl "$@"\n')
        script.chmod(0o755)
        variables["PATH"] = f"{programs}:{variables['PATH']}"
        variables["ESCRIPT_EMULATOR"] = variables["ERLC_EMULATOR"] = str(script)
    return variables


def run(command, program, timeout):
    """What it writes and how it ends; the same folder name for both."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        work = folder / "work"
        work.mkdir()
        (work / "one.config").write_text("[].\n")
        try:
            done = subprocess.run(["sh", "-c", command], cwd=work, env=environment(folder, program), stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=timeout)
        except subprocess.TimeoutExpired as expired:
            return f"no end after {timeout} s\n" + (expired.stdout or b"").decode("utf-8", "backslashreplace")
        text = f"status {done.returncode}\n--- stdout\n{done.stdout.decode('utf-8', 'backslashreplace')}\n--- stderr\n" \
               f"{done.stderr.decode('utf-8', 'backslashreplace')}"
        text = re.sub(r"#Port<[0-9.]+>", "#Port<>", text)
        return text.replace(place, "FOLDER")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "quick" / "tools" / "lintel"), help="the program")
    parser.add_argument("--filter", default="", help="only command lines that contain this")
    parser.add_argument("--timeout", type=int, default=60, help="seconds for each")
    arguments = parser.parse_args()
    lintel = str(pathlib.Path(arguments.lintel).resolve())
    passed = failed = 0
    for command in CASES:
        if arguments.filter not in command:
            continue
        expected = run(command, None, arguments.timeout)
        actual = run(command, lintel, arguments.timeout)
        if actual == expected:
            passed += 1
            continue
        failed += 1
        lines = difflib.unified_diff(expected.splitlines(), actual.splitlines(), "erl", "lintel", lineterm="", n=1)
        print(f"FAIL {command}\n" + "\n".join(list(lines)[:40]) + "\n")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
