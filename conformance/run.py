#!/usr/bin/env python3
"""Runs OTP's own test suites on a VM, each case in a VM of its own, and compares with the release's real `erl`.

    conformance/run.py [--vm CMD] [--otp 25] [SUITE[:CASE] | AREA]…

    conformance/run.py tuple_SUITE hash_SUITE:test_basic
    conformance/run.py --vm 'build/release/tools/lintel erl' --jobs 2 emulator
    conformance/run.py --vm /opt/other/bin/erl stdlib/lists_SUITE

AREA: emulator, stdlib, kernel or compiler. The suites come from Debian's source package of the release (fetch_sources.sh), and are compiled by the
reference's erlc into --build; nothing of it is committed. A verdict is pass, fail, skip (by the suite itself), crash (the VM ended before the case
did) or timeout. Exit status 1: some case that passes on the reference does not here.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERE = pathlib.Path(__file__).resolve().parent
AREAS = {"emulator": "erts/emulator/test", "stdlib": "lib/stdlib/test", "kernel": "lib/kernel/test", "compiler": "lib/compiler/test"}
VERDICTS = ["pass", "fail", "skip", "crash", "timeout"]
LIST_LIMIT = 60

Case = collections.namedtuple("Case", "area suite groups name")
Result = collections.namedtuple("Result", "verdict reason log")


class Broken(Exception):
    """What keeps everything from running: told in one line."""


def run_limited(command, limit, cwd, log):
    """Runs the command in a session of its own, of which nothing is left; its exit status, or None if it took longer."""
    with open(log, "wb") as out:
        child = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                                 env=dict(os.environ, LC_ALL="C.UTF-8", ERL_CRASH_DUMP="/dev/null"))
        try:
            return child.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            return None
        finally:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()


class Suites:
    """The suites of one release, compiled, with the harness."""

    def __init__(self, otp, build, erlc, jobs):
        self.build = build / f"otp{otp}"
        self.erlc = erlc
        self.jobs = jobs
        fetched = subprocess.run([str(HERE / "fetch_sources.sh"), otp, str(self.build / "source")])
        if fetched.returncode != 0:
            raise Broken(f"the sources of OTP {otp} could not be had")
        self.source = self.build / "source" / "otp"
        self.harness = self.build / "harness"
        self.harness.mkdir(parents=True, exist_ok=True)
        self.compile(self.harness, sorted((HERE / "harness").glob("*.erl")), [])

    def compile(self, out, files, options):
        """What does not compile is told, and is missing."""
        stale = [f for f in files if not (out / (f.stem + ".beam")).exists() or (out / (f.stem + ".beam")).stat().st_mtime < f.stat().st_mtime]

        def one(source):
            done = subprocess.run([self.erlc, "+nowarn_export_all", "+debug_info", *options, "-o", str(out), str(source)], capture_output=True, text=True)
            if done.returncode != 0:
                first = next((l for l in done.stdout.splitlines() if l.strip()), "")
                print(f"{source.name}: does not compile: {first}", file=sys.stderr)
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            list(pool.map(one, stale))

    def folder(self, area):
        return self.build / area

    def prepare(self, area):
        """A folder with the area's sources, data and compiled modules, which its suites expect to be in."""
        source, folder = self.source / AREAS[area], self.folder(area)
        if not folder.exists():
            if not source.exists():
                raise Broken(f"{source}: is not there")
            shutil.copytree(source, folder, symlinks=True)
        application = (source.parent / "src").parent
        options = [f"-I{self.source / 'lib'}", f"-I{application / 'src'}", f"-I{application / 'include'}", f"-I{folder}",
                   f"-I{self.source / 'lib/kernel/src'}", f"-I{self.source / 'lib/stdlib/src'}"]
        self.compile(folder, sorted(folder.glob("*.erl")), options)

    def named(self, area):
        return sorted(f.stem for f in (self.source / AREAS[area]).glob("*_SUITE.erl"))


class Vm:
    def __init__(self, command, suites):
        self.command = shlex.split(command)
        self.suites = suites

    def start(self, arguments, area, limit, log):
        paths = ["-pa", str(self.suites.harness), "-pa", str(self.suites.folder(area))]
        return run_limited([*self.command, "-noshell", *paths, "-run", "conformance_case", *arguments], limit, self.suites.folder(area), log)

    def cases(self, area, suite, scratch):
        """All of a suite, as it lists them on this VM."""
        told, log = scratch / f"{suite}.list", scratch / f"{suite}.list.log"
        status = self.start(["list", str(told), suite], area, LIST_LIMIT, log)
        if status != 0 or not told.exists():
            raise Broken(f"{suite}: cannot be listed: {log.read_text(errors='replace')[-300:].strip()}")
        found = []
        for line in told.read_text().splitlines():
            entry = json.loads(line)
            if "refused" in entry:
                raise Broken(f"{suite}: cannot be listed: {entry['refused']}")
            found.append(Case(area, suite, tuple(entry["path"]), entry["case"]))
        return found

    def run(self, case, limit, scratch):
        stem = "-".join([case.suite, *case.groups, case.name])
        told, log, private = scratch / (stem + ".json"), scratch / (stem + ".log"), scratch / (stem + ".private")
        private.mkdir(exist_ok=True)
        status = self.start(["run", str(told), str(private), case.suite, case.name, *case.groups], case.area, limit, log)
        shutil.rmtree(private, ignore_errors=True)
        text = log.read_text(errors="replace")
        log.unlink()
        if told.exists():
            answer = json.loads(told.read_text())
            told.unlink()
            return Result(answer["verdict"], answer["reason"], text)
        if status is None:
            return Result("timeout", f"no end after {limit} s", text)
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        return Result("crash", how, text)


def wanted_cases(names, suites, reference, scratch):
    """The cases that the arguments name, as the reference lists them."""
    of_area = {area: suites.named(area) for area in AREAS}
    chosen = []
    for name in names or list(AREAS):
        name, _, case = name.partition(":")
        area, _, suite = name.rpartition("/")
        if name in AREAS:
            chosen += [(name, s, "") for s in of_area[name]]
            continue
        places = [a for a in AREAS if suite in of_area[a] and area in ("", a)]
        if not places:
            raise Broken(f"{name}: no such suite")
        chosen += [(a, suite, case) for a in places]
    for area in {a for a, _, _ in chosen}:
        suites.prepare(area)
    found = []
    for area, suite, case in chosen:
        try:
            of_suite = reference.cases(area, suite, scratch)
        except Broken as why:
            print(why, file=sys.stderr)
            continue
        matching = [c for c in of_suite if case in ("", c.name)]
        if not matching:
            raise Broken(f"{suite}:{case}: no such case")
        found += matching
    return list(dict.fromkeys(found))


def run_all(vm, cases, limit, jobs, scratch, title):
    """{case: result}; a line of progress on a terminal."""
    results, counts, lock = {}, collections.Counter(), threading.Lock()
    is_terminal = sys.stderr.isatty()

    def one(case):
        result = vm.run(case, limit, scratch)
        with lock:
            results[case] = result
            counts[result.verdict] += 1
            if is_terminal:
                done = ", ".join(f"{counts[v]} {v}" for v in VERDICTS if counts[v])
                print(f"\r\x1b[K{title}: {len(results)} of {len(cases)}: {done}", end="", file=sys.stderr, flush=True)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, cases))
    if is_terminal:
        print(file=sys.stderr)
    return results


def name_of(case):
    return "/".join([case.area, case.suite, *case.groups, case.name])


def report(cases, ours, theirs):
    """Prints what differs from the reference, then the sums. Returns how many cases that pass there do not here."""
    worse = 0
    for case in cases:
        mine, other = ours[case], theirs[case]
        if mine.verdict != other.verdict:
            worse += other.verdict == "pass"
            print(f"{name_of(case)}: {mine.verdict} ({other.verdict} on the reference): {mine.reason[:300]}")
    areas = collections.defaultdict(lambda: [0, 0])
    for case in cases:
        if theirs[case].verdict == "pass":
            areas[case.area][0] += ours[case].verdict == "pass"
            areas[case.area][1] += 1
    for area, (passed, of) in sorted(areas.items()):
        print(f"{area}: {passed} of {of} cases that pass on the reference pass ({100 * passed / of:.1f} %)")
    sums = collections.Counter(r.verdict for r in ours.values())
    print("conformance: " + ", ".join(f"{sums[v]} {v}" for v in VERDICTS if sums[v]) + f"; {worse} worse than the reference")
    return worse


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="SUITE[:CASE]|AREA")
    parser.add_argument("--vm", default=f"{ROOT / 'build/release/tools/lintel'} erl", help="the command that is the VM's `erl`")
    parser.add_argument("--otp", default="25", choices=["25"], help="release whose suites these are")
    parser.add_argument("--reference", default="erl", help="the release's own `erl`")
    parser.add_argument("--erlc", default="erlc", help="the release's own `erlc`")
    parser.add_argument("--build", default=str(ROOT / "build" / "conformance"), help="where sources and compiled suites go")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=int, default=120, help="seconds that a case may take (default 120)")
    parser.add_argument("--log", action="store_true", help="show what failing cases printed")
    options = parser.parse_args()
    try:
        build = pathlib.Path(options.build).resolve()
        suites = Suites(options.otp, build, options.erlc, options.jobs)
        with tempfile.TemporaryDirectory(prefix="conformance") as folder:
            scratch = pathlib.Path(folder)
            reference, vm = Vm(options.reference, suites), Vm(options.vm, suites)
            cases = wanted_cases(options.names, suites, reference, scratch)
            theirs = run_all(reference, cases, options.limit, options.jobs, scratch, "reference")
            ours = run_all(vm, cases, options.limit, options.jobs, scratch, "this VM")
    except Broken as why:
        print(f"conformance: {why}", file=sys.stderr)
        return 2
    worse = report(cases, ours, theirs)
    if options.log:
        for case in cases:
            if ours[case].verdict not in ("pass", "skip"):
                print(f"\n---- {name_of(case)}: {ours[case].reason}\n{ours[case].log}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
