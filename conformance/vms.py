"""A VM under test: starts it as `erl` is started, for one case at a time, and sees to it that nothing of it stays."""

import collections
import itertools
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time

import elixir
from suites import Broken, Case, version_of

LIST_LIMIT = 60
# Of longer logs the beginning and the end are kept.
LOG_BEGIN, LOG_END = 8_000, 24_000
# What a case starts has this variable, its children too, wherever they put themselves.
MARK = "CONFORMANCE_CASE"

Result = collections.namedtuple("Result", "verdict reason seconds log")


def end_all_with(mark):
    """Processes that have this mark in their environment, and are not us."""
    wanted = f"{MARK}={mark}".encode()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if any(v.startswith(wanted) for v in (process / "environ").read_bytes().split(b"\0")):
                os.kill(int(process.name), signal.SIGKILL)
        except (OSError, ValueError):
            pass  # it has gone, or is somebody else's


def shortened(text):
    if len(text) <= LOG_BEGIN + LOG_END:
        return text
    return f"{text[:LOG_BEGIN]}\n… {len(text) - LOG_BEGIN - LOG_END} characters are left out …\n{text[-LOG_END:]}"


class Surroundings:
    """What cases of a run have in common: a home with a cookie, an epmd on a port of its own, a folder for their files."""

    counter = itertools.count()

    def __init__(self, scratch, release):
        self.scratch, self.release = scratch, release
        home = scratch / "home"
        home.mkdir()
        (home / ".erlang.cookie").write_text("CONFORMANCE")
        (home / ".erlang.cookie").chmod(0o400)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.variables = {"LC_ALL": "C.UTF-8", "ERL_CRASH_DUMP": os.devnull, "HOME": str(home), "ERL_EPMD_PORT": str(port), **release.environment()}
        # One for all, which no case starts and takes away from others.
        self.epmd = shutil.which("epmd", path=self.variables.get("PATH", os.environ["PATH"]))
        if self.epmd is not None:
            subprocess.run([self.epmd, "-daemon"], env=dict(os.environ, **self.variables), stdin=subprocess.DEVNULL, capture_output=True)

    @staticmethod
    def end_all():
        end_all_with(f"{os.getpid()}.")

    def close(self):
        self.end_all()
        if self.epmd is not None:
            subprocess.run([self.epmd, "-kill"], env=dict(os.environ, **self.variables), capture_output=True)

    def run(self, command, limit, cwd, log, variables):
        """Runs the command; its exit status, or None if it took longer. Nothing that it has started is left."""
        mark = f"{os.getpid()}.{next(self.counter)}."
        with open(log, "wb") as out:
            child = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                                     env={**os.environ, **self.variables, **variables, MARK: mark})
            try:
                return child.wait(timeout=limit)
            except subprocess.TimeoutExpired:
                return None
            finally:
                end_all_with(mark)
                child.kill()
                child.wait()


class Vm:
    def __init__(self, command, suites, surroundings, engine=None):
        self.command, self.suites, self.surroundings = shlex.split(command), suites, surroundings
        if "/" in self.command[0]:
            self.command[0] = os.path.abspath(self.command[0])  # cases have folders of their own
        self.variables = {} if engine is None else {"LINTEL_JIT": engine}
        told = version_of(self.command, surroundings.variables)
        if told is None:
            raise Broken(f"{command}: does not start as erl does: with -noshell -eval it is to print erlang:system_info(system_version)")
        self.version = told[1]
        # Common Test has its node alive: cases start others. What cannot be one runs without.
        self.is_node = version_of([*self.command, "-sname", f"conformance_{os.getpid()}"], surroundings.variables) is not None
        if not self.is_node:
            print(f"conformance: {command}: does not start with -sname: cases that want to be a node will fail", file=sys.stderr)
        own = self.programs()
        if own is not None:
            self.variables["PATH"] = f"{own}:{surroundings.variables.get('PATH', os.environ['PATH'])}"

    def programs(self):
        """The folder of the VM's own programs: a case that starts `erl` or `erlc` by name is to find these."""
        if self.command == ["erl"] or (len(self.command) == 1 and self.command[0].endswith("/erl")):
            return pathlib.Path(self.command[0]).resolve().parent if "/" in self.command[0] else None
        folder = self.surroundings.scratch / "programs"
        if folder.exists():
            return folder
        if "[lintel-" in self.version and self.command[-1] == "erl":
            subprocess.run([*self.command[:-1], "link-otp", str(folder)], env={**os.environ, **self.surroundings.variables}, capture_output=True)
        if not folder.exists():
            folder.mkdir()
            (folder / "erl").write_text(f"#!/bin/sh\nexec {shlex.join(self.command)} \"$@\"\n")
            (folder / "erl").chmod(0o755)
        return folder

    def start(self, arguments, area, limit, log):
        paths = ["-pa", str(self.suites.harness), "-pa", str(self.suites.folder(area))]
        name = ["-sname", f"conformance_{os.getpid()}_{next(Surroundings.counter)}"] if self.is_node else []
        return self.surroundings.run([*self.command, "-noshell", *name, *paths, "-run", "conformance_case", *arguments], limit, self.suites.folder(area), log, self.variables)

    def cases(self, area, suite):
        """All of a suite, as it lists them on this VM: [[groups, name]…]."""
        if area == elixir.AREA:
            return [[[], name] for name in elixir.files(self.suites.source_of(area), suite)]
        scratch = self.surroundings.scratch
        told, log = scratch / f"{suite}.list", scratch / f"{suite}.list.log"
        status = self.start(["list", str(told), suite], area, LIST_LIMIT, log)
        if status != 0 or not told.exists():
            raise Broken(f"{suite}: cannot be listed: {log.read_text(errors='replace')[-300:].strip()}")
        entries = [json.loads(line) for line in told.read_text().splitlines()]
        refused = [e["refused"] for e in entries if "refused" in e]
        if refused:
            raise Broken(f"{suite}: cannot be listed: {refused[0]}")
        return [[e["path"], e["case"]] for e in entries]

    def run(self, case, limit):
        scratch = self.surroundings.scratch
        stem = f"{next(Surroundings.counter)}-{re.sub(r'[^A-Za-z0-9_]', '_', case.name)[:60]}"
        told, log, private = scratch / (stem + ".json"), scratch / (stem + ".log"), scratch / (stem + ".private")
        private.mkdir()
        begun = time.monotonic()
        if case.area == elixir.AREA:
            words, folder = elixir.command(self.suites.source_of(case.area), case)
            status = self.surroundings.run(words, limit, folder, log, {**self.variables, **elixir.VARIABLES})
        else:
            status = self.start(["run", str(told), str(private), case.suite, case.name, *case.groups], case.area, limit, log)
        seconds = round(time.monotonic() - begun, 2)
        text = log.read_text(errors="replace")
        if case.area == elixir.AREA and status is not None and status >= 0:
            verdict, reason = elixir.judge(text, status)
        else:
            verdict, reason = self.judge(told, status, limit)
        for left in (private, told, log):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)

        def neutral(line):  # the same wherever and whenever it runs
            return line.replace(str(private), "PRIVATE").replace(str(scratch), "SCRATCH").replace(str(self.suites.build), "BUILD")
        return Result(verdict, neutral(reason), seconds, shortened(neutral(text)))

    @staticmethod
    def judge(told, status, limit):
        """The case's own word counts, if its VM has then ended as it should."""
        if status is None:
            return "timeout", f"no end after {limit} s" + (", though the case had ended" if told.exists() else "")
        if status < 0:
            return "crash", f"signal {signal.Signals(-status).name}" + (", when the case had ended" if told.exists() else "")
        if not told.exists():
            return "crash", f"exit status {status}"
        answer = json.loads(told.read_text())
        return answer["verdict"], answer["reason"]
