#!/usr/bin/python3
"""Drives the shells of OTP and Elixir in a terminal, on Lintel and on erl, and compares the screens after every step.

    tests/run_terminal.py --lintel build/release/lintel [--otp DIR] [--filter TEXT]... [--list]

Lintel's erl and iex come from a folder made by `lintel link-otp`, which is put first on PATH; --otp takes the release that
tools/fetch_otp.sh has unpacked in DIR instead of the installed one. What differs by nature (the line that names the
emulator, process identifiers, numbers of modules) is made equal before comparing.
"""
import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

import pyte

from comparison import run_all

QUIET = 0.35  # seconds without output: the step is done
START_LIMIT, STEP_LIMIT = 30, 5  # seconds; then the screens are compared as they are

CTRL = {c: chr(ord(c) & 31) for c in "abcdefghijklmnopqrstuvwxyz"}
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, DELETE, BACK = "\x1b[H", "\x1b[F", "\x1b[3~", "\x7f"
FIRST = "1> "


class Resize:
    """A step: the window gets another size."""

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns


class Signal:
    """A step: a signal to the emulator's process group."""

    def __init__(self, number):
        self.number = number


# name, command, steps. A step is keys, or (keys, text that must come before the step is over). The first step is what to wait for.
SCENARIOS = [
    ("erl/evaluate", "erl", [FIRST, ("1+1.\r", "2> "), ("X = [a,{b,\"c\"},#{d => 1.5}].\r", "3> "), ("X.\r", "4> "), ("foo:bar().\r", "5> "),
                             ("1/0.\r", "6> "), ("q().\r", "ok")]),
    ("erl/edit", "erl", [FIRST, "foo bar", LEFT * 3, "x", BACK, CTRL["a"], "y", CTRL["e"], "z", CTRL["b"] * 4, CTRL["k"], CTRL["y"], CTRL["y"],
                         CTRL["a"], CTRL["d"], CTRL["f"], CTRL["t"], DELETE, CTRL["u"], END, HOME, "\x1bf", "\x1bb", "\x1bd", CTRL["w"], CTRL["l"],
                         CTRL["e"], CTRL["u"], ("ok.\r", "2> ")]),
    ("erl/history", "erl", [FIRST, ("A = 1.\r", "2> "), ("B = 2.\r", "3> "), UP, UP, DOWN, CTRL["p"], CTRL["n"], ("\r", "4> "), CTRL["r"], "A", CTRL["g"],
                            ("h().\r", "5> ")]),
    ("erl/multi_line", "erl", [FIRST, "F = fun(X) ->\r", "  X * 2\r", ("end.\r", "2> "), ("F(21).\r", "3> "), "[1,\r", "2,\r", ("3].\r", "4> "),
                               "foo(\r", ("bar.\r", "4> ")]),
    ("erl/complete", "erl", [FIRST, "lists:rev\t", "erse(\t", CTRL["u"], "lists:key\t\t", CTRL["u"], "proc_li\t", CTRL["u"], "nosuchmodule:\t", CTRL["u"],
                             ("Abc = 1.\r", "2> "), "Ab\t"]),
    ("erl/unicode", "erl", [FIRST, "\"åäö 日本語 é\"", LEFT * 4, "ß", BACK * 2, CTRL["a"], RIGHT * 3, "語", CTRL["e"], (".\r", "2> "),
                            ("io:format(\"~ts~n\", [[26085,26412,35486]]).\r", "3> "), ("'日本'.\r", "4> "), "e\u0301x", LEFT, LEFT, "a"]),
    ("erl/wrap", "erl", [FIRST, "abcdefghij" * 5, LEFT * 15, "XYZ", BACK * 5, CTRL["a"], "-", CTRL["e"], "=" * 30, CTRL["a"], CTRL["d"] * 3, CTRL["k"],
                         "日本語" * 9, LEFT * 8, "a", BACK, "b" * 9, CTRL["e"], BACK * 3], {"columns": 40}),
    ("erl/wrap_exactly", "erl", [FIRST, "a" * 17, LEFT, RIGHT, "b", BACK, BACK, "cd", CTRL["a"], CTRL["e"], "e", LEFT * 2, DELETE], {"columns": 20}),
    ("erl/colours", "erl", [FIRST, ("io:put_chars(\"\\e[31mred\\e[0m plain\\n\").\r", "2> "), ("io:put_chars(\"\\ta\\tb\\n\").\r", "3> "),
                            ("io:put_chars([1,2,30,$\\n]).\r", "4> "), ("io:put_chars(\"no newline\").\r", "5> "),
                            ("io:put_chars([7]).\r", "6> ")]),
    ("erl/input", "erl", [FIRST, "io:get_line(\"name: \").\r", ("Joe\r", "2> "), "io:get_chars(\"\", 3).\r", ("abcdef\r", "3> "),
                          ("io:rows().\r", "4> "), ("io:columns().\r", "5> "), ("io:getopts().\r", "6> ")]),
    ("erl/resize", "erl", [FIRST, ("io:columns().\r", "2> "), Resize(30, 50), ("io:columns().\r", "3> "), ("io:rows().\r", "4> "), "x" * 60, LEFT * 20, "y"]),
    ("erl/jobs", "erl", [FIRST, (CTRL["g"], "--> "), ("h\r", "--> "), ("j\r", "--> "), ("s\r", "--> "), ("j\r", "--> "), ("c 2\r", "1> "), ("1+1.\r", "2> "),
                         (CTRL["g"], "--> "), ("k 1\r", "--> "), ("j\r", "--> "), ("x\r", "--> "), ("c\r", ""), ("\r", ""), (CTRL["g"], "--> "), "q\r"]),
    ("erl/interrupt_shell", "erl", [FIRST, "receive after infinity -> ok end.\r", (CTRL["g"], "--> "), ("i\r", "--> "), ("c\r", ""), ("1.\r", "2> ")]),
    ("erl/break", "erl", [FIRST, ("a().\r", "2> "), (CTRL["c"], "(d)istribution"), ("x\r", "(d)istribution"), "c\r", ("1.\r", "3> "), (CTRL["c"], "(d)istribution"),
                          "a\r"]),
    ("erl/break_twice", "erl", [FIRST, (CTRL["c"], "(d)istribution"), CTRL["c"]]),
    ("erl/break_while_busy", "erl -eval 'F = fun F() -> F() end, spawn(F), spawn(F), spawn(F).'", [FIRST, (CTRL["c"], "(d)istribution"), "c\r",
                                                                                             ("1.\r", "2> "), (CTRL["c"], "(d)istribution"), "q\r"]),
    ("erl/ctrl_c_is_input", "erl +Bc", [FIRST, "receive after infinity -> ok end.\r", (CTRL["c"], ""), ("1.\r", "")]),
    ("erl/ctrl_c_is_ignored", "erl +Bi", [FIRST, CTRL["c"], ("1.\r", "2> "), ("halt(3).\r", "")]),
    ("erl/ctrl_c_ends", "erl +Bd", [FIRST, CTRL["c"]]),
    ("erl/stop_and_continue", "erl", [FIRST, "ab", Signal(signal.SIGSTOP), Signal(signal.SIGCONT), "c", LEFT, ("\r", "")]),
    ("erl/records", "erl", [FIRST, ("rd(p, {x, y = 2}).\r", "2> "), ("#p{x = 1}.\r", "3> "), ("rl().\r", "4> "), ("b().\r", "5> "), ("f().\r", "6> "), ("e(2).\r", "7> "),
                            ("catch throw(a).\r", "8> "), ("self() ! hello, flush().\r", "9> ")]),
    ("erl/long_output", "erl", [FIRST, ("lists:seq(1,2000).\r", "2> "), ("[io:format(\"~p~n\",[X]) || X <- lists:seq(1,100)], ok.\r", "3> ")]),
    ("erl/dumb", "erl", [FIRST, ("1+1.\r", "2> "), ("q().\r", "ok")], {"TERM": "dumb"}),
    ("erl/vt100", "erl", [FIRST, "foo bar", LEFT * 3, "x", CTRL["a"], "-", ("\r", "")], {"TERM": "vt100"}),
    ("erl/ascii", "erl", [FIRST, ("[228].\r", "2> "), ("io:format(\"~ts~n\", [[8364, 228]]).\r", "3> ")], {"LC_ALL": "C", "LANG": "C"}),
    ("iex/evaluate", "iex", ["iex(1)> ", ("1+1\r", "iex(2)> "), ("Enum.map([1,2,3], & &1 * 2)\r", "iex(3)> "), ("%{a: \"b\"}\r", "iex(4)> "),
                             ("raise \"no\"\r", "iex(5)> "), ("v(2)\r", "iex(6)> ")]),
    ("iex/edit", "iex", ["iex(1)> ", "foo bar", LEFT * 3, "x", CTRL["a"], "y", CTRL["k"], CTRL["y"], CTRL["u"], ("\"日本\"\r", "iex(2)> "), UP, LEFT, "語",
                         ("\r", "iex(3)> ")]),
    ("iex/complete", "iex", ["iex(1)> ", "Enum.ma\t", CTRL["u"], "Strin\t", CTRL["u"], "System.sch\t", CTRL["u"], ("abc = 1\r", "iex(2)> "), "ab\t"]),
    ("iex/multi_line", "iex", ["iex(1)> ", "defmodule M do\r", "  def f(x), do: x + 1\r", ("end\r", "iex(2)> "), ("M.f(1)\r", "iex(3)> "), "[1,\r",
                               ("#iex:break\r", "iex(3)> ")]),
    ("iex/help", "iex", ["iex(1)> ", ("h Enum.map/2\r", "iex(2)> "), ("h GenServer.call\r", "iex(3)> "), ("i 1\r", "iex(4)> "), ("h\r", "iex(5)> ")],
     {"rows": 60}),
    ("iex/break", "iex", ["iex(1)> ", (CTRL["c"], "(d)istribution"), "a\r"]),
    ("iex/halt", "iex", ["iex(1)> ", "System.halt(7)\r"]),
]


class Terminal:
    def __init__(self, command, path, options):
        rows, columns = options.get("rows", 24), options.get("columns", 80)
        self.screen = pyte.HistoryScreen(columns, rows, history=1000)
        self.stream = pyte.ByteStream(self.screen)
        self.home = tempfile.TemporaryDirectory()
        environment = {"PATH": path, "HOME": self.home.name, "TERM": options.get("TERM", "xterm"),
                       "LANG": options.get("LANG", "C.UTF-8"), "LC_ALL": options.get("LC_ALL", "C.UTF-8")}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(self.home.name)
            os.execve("/bin/sh", ["sh", "-c", f"stty rows {rows} cols {columns}; exec {command}"], environment)
        self.is_open = True

    def read(self, seconds):
        """Whether anything came."""
        if not self.is_open or not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            self.is_open = False
            return False
        self.seen += data.decode("utf-8", "replace")
        self.stream.feed(data)
        return True

    def step(self, step):
        keys, wanted = step if isinstance(step, tuple) else (step, "")
        self.seen = ""
        if isinstance(keys, Resize):
            self.screen.resize(keys.rows, keys.columns)
            fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", keys.rows, keys.columns, 0, 0))
        elif isinstance(keys, Signal):
            os.kill(self.pid, keys.number)
        else:
            os.write(self.fd, keys.encode())
        self.settle(wanted, STEP_LIMIT)

    def settle(self, wanted, limit):
        """Until `wanted` has come and nothing has for a while."""
        end = time.monotonic() + limit
        while time.monotonic() < end and self.is_open:
            if not self.read(QUIET) and wanted in self.seen:
                return

    def forget_banner(self):
        """Moves the prompt to the top: the lines before it name the emulator. Programs know of rows only relative to the cursor's."""
        prompt = self.screen.display[self.screen.cursor.y].rstrip()
        column = self.screen.cursor.x
        self.stream.feed(f"\x1b[2J\x1b[H{prompt}\x1b[1;{column + 1}H".encode())

    def text(self):
        lines = [line.rstrip() for line in self.screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines + [f"cursor {self.screen.cursor.y},{self.screen.cursor.x}"]

    def close(self):
        """The exit status, or None: it was still running."""
        for _ in range(20):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                break
            if self.is_open:
                os.killpg(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                status = None
                break
            time.sleep(0.1)
        os.close(self.fd)
        self.home.cleanup()
        return None if status is None else os.waitstatus_to_exitcode(status)


def play(command, path, steps, options):
    """The screens after each step, and the exit status."""
    terminal = Terminal(command, path, options)
    terminal.seen = ""
    terminal.settle(steps[0], START_LIMIT)
    terminal.forget_banner()
    screens = [terminal.text()]
    for step in steps[1:]:
        if not terminal.is_open:
            break
        terminal.step(step)
        screens.append(terminal.text())
    return screens, terminal.close()


def made_equal(line):
    line = re.sub(r"Erlang/OTP (\d+) \[erts-.*", r"Erlang/OTP \1 ...", line)
    line = re.sub(r"<\d+\.\d+\.\d+>", "<pid>", line)
    return re.sub(r"#(Ref|Port)<[\d.]+>", r"#\1<>", line)


def compare(scenario, ours_path, erl_path):
    name, command, steps, *rest = scenario
    options = rest[0] if rest else {}
    ours, our_status = play(command, ours_path, steps, options)
    theirs, their_status = play(command, erl_path, steps, options)
    problems = []
    for i in range(max(len(ours), len(theirs))):
        mine = [made_equal(line) for line in ours[i]] if i < len(ours) else ["(it has ended)"]
        other = [made_equal(line) for line in theirs[i]] if i < len(theirs) else ["(it has ended)"]
        if mine != other:
            keys = steps[i][0] if isinstance(steps[i], tuple) else steps[i]
            problems.append(f"step {i}, {keys!r}:\n--- erl\n" + "\n".join(other) + "\n+++ lintel\n" + "\n".join(mine))
            break
    if not problems and our_status != their_status:
        problems.append(f"exit status {our_status}, not {their_status}")
    return "\n".join(problems) or None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lintel", required=True)
    parser.add_argument("--otp", type=os.path.abspath)
    parser.add_argument("--filter", action="append", default=[])
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    chosen = [s for s in SCENARIOS if not arguments.filter or any(text in s[0] for text in arguments.filter)]
    if arguments.list:
        print("\n".join(s[0] for s in chosen))
        return 0
    if not chosen:
        sys.exit(f"no scenario has {arguments.filter} in its name")
    erl_path = "/usr/bin:/bin"
    environment = {}
    if arguments.otp:
        erl_path = f"{arguments.otp}/programs:{erl_path}"
        environment["LINTEL_OTP_ROOT"] = f"{arguments.otp}/usr/lib/erlang"
    with tempfile.TemporaryDirectory() as folder:
        linked = subprocess.run([arguments.lintel, "link-otp", folder + "/bin"], env=dict(environment, PATH=erl_path), capture_output=True, text=True)
        if linked.returncode != 0:
            sys.exit("link-otp: " + linked.stderr)
        return run_all([(s[0], compare, s, folder + "/bin:" + erl_path, erl_path) for s in chosen])


if __name__ == "__main__":
    sys.exit(main())
