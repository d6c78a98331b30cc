#!/usr/bin/env python3
"""Nodes that talk to each other: each case runs with Lintel at one end, at the other, at both, and with `erl` at both. All must write the same.

Each case has an epmd, a home and a cookie of its own. The last line is 'N passed, N failed'.
"""

import argparse
import functools
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

from comparison import ROOT, difference, run_all

SOURCES = ROOT / "tests" / "dist"
# Case: options of the other node.
CASES = {
    "ping": "", "hidden": "-hidden", "rpc": "", "messages": "", "spawns": "", "links": "", "monitors": "", "large": "", "down": "",
    "reconnect": "", "senders": "", "sequences": "", "global": "", "application": "", "peer": "", "busy": "",
}
# Case: shell command; `here` and `there` are the two programs.
COMMANDS = {
    "pipe": "here -noshell -pa BEAMS -run pipe_node parent there",
    "not_alive": "here -noshell -eval 'io:format(\"~p~n\", [[node(), nodes(), is_alive(), net_adm:ping(a@b), "
                 "{x, a@b} ! y, net_kernel:stop()]]), halt().' 2>/dev/null",
    "wrong_cookie": "there -noshell -sname other@localhost -setcookie one > /dev/null 2>&1 & there=$!; until epmd -names 2>/dev/null | grep -q 'name other'; do sleep 0.1; done; sleep 0.5; "
                    "here -noshell -sname one@localhost -setcookie two -kernel logger_level none -eval 'io:format(\"~p ~p~n\", [net_adm:ping(other@localhost), nodes()]), halt().' 2>/dev/null; "
                    "kill $there",
    "start_stop": "epmd -daemon; here -noshell -eval 'io:format(\"~p~n\", [element(1, net_kernel:start([later@localhost, shortnames]))]), io:format(\"~p~n\", [node()]), "
                  "io:format(\"~p ~p~n\", [net_kernel:stop(), node()]), halt().'",
    "remsh": "there -noshell -sname other@localhost -setcookie one > /dev/null 2>&1 & there=$!; until epmd -names 2>/dev/null | grep -q 'name other'; do sleep 0.1; done; sleep 0.5; "
             "echo 'node(). {a, nodes(hidden) =/= []}. q().' | here -sname one@localhost -setcookie one -remsh other@localhost; sleep 1; kill $there 2>/dev/null",
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_program(folder, name, program):
    """A program `name` that is erl, or Lintel."""
    place = folder / name
    if program is None:
        place.mkdir()
        (place / "erl").symlink_to("/usr/bin/erl")
    else:
        subprocess.run([program, "link-otp", str(place)], check=True, capture_output=True)
    script = place / name
    script.write_text(f'#!/bin/sh\nexec {place}/erl "$@"\n')
    script.chmod(0o755)
    return place


def wait_for(text, variables):
    """Until epmd, with its names, says this."""
    for _ in range(100):
        said = subprocess.run(["epmd", "-names"], env=variables, capture_output=True, text=True).stdout
        if text in said:
            break
        time.sleep(0.1)


def run(case, here, there, beams, timeout):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        folder = pathlib.Path(place)
        here_bin, there_bin = make_program(folder, "here", here), make_program(folder, "there", there)
        base = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8", HOME=place, ERL_EPMD_PORT=str(free_port()), ERL_EPMD_ADDRESS="127.0.0.1")
        at_here = dict(base, PATH=f"{here_bin}:{there_bin}:{base['PATH']}")
        at_there = dict(base, PATH=f"{there_bin}:{base['PATH']}")
        other = None
        try:
            if case in COMMANDS:
                command = COMMANDS[case].replace("BEAMS", str(beams))
            else:
                start = f"there -noshell -sname other@localhost -setcookie secret -pa {beams} {CASES[case]}"
                # A node starts epmd itself, but does not wait for it long enough on a busy machine.
                subprocess.run(["epmd", "-daemon"], env=base, check=True)
                wait_for("up and running", base)
                other = subprocess.Popen(["sh", "-c", "exec " + start], cwd=place, env=at_there, stdin=subprocess.DEVNULL)
                wait_for("name other ", base)
                time.sleep(0.5)  # it may still have to listen to its name
                command = f"here -noshell -sname one@localhost -setcookie secret -pa {beams} -run node_cases main {case} other@localhost"
            done = subprocess.run(["sh", "-c", command], cwd=place, env=at_here, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)
            text = f"status {done.returncode}\n" + done.stdout.decode("utf-8", "backslashreplace") + "--- stderr\n" + \
                   done.stderr.decode("utf-8", "backslashreplace")
        except subprocess.TimeoutExpired as expired:
            text = f"no end after {timeout} s\n" + (expired.stdout or b"").decode("utf-8", "backslashreplace")
        finally:
            if other is not None:
                other.kill()
                other.wait()
            subprocess.run(["epmd", "-kill"], env=base, capture_output=True)
        text = re.sub(r"<[0-9]+\.[0-9]+\.[0-9]+>", "<PID>", text)
        text = re.sub(r"Eshell V[0-9.]+", "Eshell", text)
        text = re.sub(r"=[A-Z ]+==== [0-9A-Za-z:. -]+ ===", "=== REPORT", text)
        # Of three nodes of which one ends, `global` takes one or the other for cut off, or sees the end first: it depends on time, on erl as well.
        text = re.sub(r"=== REPORT\n'global' at node .* overlapping partitions\n", "", text)
        return text.replace(place, "FOLDER")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "quick" / "tools" / "lintel"), help="the program")
    parser.add_argument("--filter", default="", help="only cases whose names contain this")
    parser.add_argument("--timeout", type=int, default=60, help="seconds for each")
    arguments = parser.parse_args()
    lintel = str(pathlib.Path(arguments.lintel).resolve())
    with tempfile.TemporaryDirectory() as beams:
        subprocess.run(["erlc", "-o", beams, *map(str, SOURCES.glob("*.erl"))], check=True)

        @functools.cache
        def expected(case):
            return run(case, None, None, beams, arguments.timeout)

        def test(case, names, here, there):
            wrong = difference(expected(case), run(case, here, there, beams, arguments.timeout), "erl, erl", names)
            if wrong is not None:
                expected.cache_clear()  # the odd one may have been erl
            return wrong

        pairs = (("lintel, lintel", lintel, lintel), ("lintel, erl", lintel, None), ("erl, lintel", None, lintel))
        return run_all([(f"{case} ({names})", test, case, names, here, there) for case in [*COMMANDS, *CASES] if arguments.filter in case
                        for names, here, there in pairs], workers=1)


if __name__ == "__main__":
    sys.exit(main())
