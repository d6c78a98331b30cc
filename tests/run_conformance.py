#!/usr/bin/env python3
"""The conformance runner on suites of our own, tests/conformance, without a network: its verdicts, what it keeps, skips, reports and leaves behind. `erl` is the
reference, and `erl` with TINY_VM set the VM under test, which some cases look at; with --lintel also Lintel with its engines. The last line is 'N passed, N failed'.
"""

import argparse
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET

from comparison import ROOT, run_all

RUNNER = ROOT / "conformance" / "run.py"
SUITES = ROOT / "tests" / "conformance" / "tiny"
# On the VM under test and on the reference.
VERDICTS = {
    "passes": ("pass", "pass"), "fails": ("fail", "pass"), "skips": ("skip", "pass"), "halts": ("crash", "pass"), "ends_by_signal": ("crash", "pass"),
    "hangs": ("timeout", "pass"), "traps_time": ("fail", "pass"), "fails_everywhere": ("fail", "fail"), "better": ("pass", "fail"), "fails_at_first": ("unsteady", "pass"),
    "crashes_at_first": ("crash", "pass"), "needs_eager": ("pass", "pass"), "outer/in_group": ("pass", "pass"), "outer/deeper/inner": ("pass", "pass"),
    "native": ("pass", "pass"), "leaves_process": ("pass", "pass"), "prints": ("fail", "pass"), "skipped_in_init": ("skip", "skip"),
    "has_private_folder": ("pass", "pass"), "starts_node": ("pass", "pass"),
    "same_process": ("pass", "pass"), "ends_elsewhere": ("fail", "fail"), "has_file_name": ("pass", "pass"),
    "starts_by_name": ("pass", "pass"),
}
WORSE = [name for name, (mine, other) in VERDICTS.items() if other == "pass" and mine not in ("pass", "unsteady")]


class Wrong(Exception):
    pass


def same(expected, actual, what=""):
    if expected != actual:
        raise Wrong(f"{what}: expected {expected!r}, is {actual!r}".lstrip(": "))


def contains(part, text):
    if part not in text:
        raise Wrong(f"{part!r} is not in {text!r}")


class Runner:
    """run.py with a build folder of its own, and an `erl` for the reference that notes its starts."""

    def __init__(self, folder):
        self.folder, self.vm = folder, f"env TINY_VM=1 {shutil.which('erl')}"
        self.starts = folder / "starts"
        programs = folder / "programs"
        programs.mkdir()
        (programs / "erl").write_text(f"#!/bin/sh\necho \"$*\" >> {self.starts}\nexec {shutil.which('erl')} \"$@\"\n")
        (programs / "erl").chmod(0o755)
        for name in ("erlc", "epmd"):
            (programs / name).symlink_to(shutil.which(name))

    def command(self, *words):
        return [sys.executable, str(RUNNER), "--suites", str(SUITES), "--build", str(self.folder / "build"), "--vm", self.vm, "--reference",
                str(self.folder / "programs" / "erl"), "--limit", "8", "--jobs", "2", *words]

    def run(self, *words, status=0):
        done = subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        if done.returncode != status:
            raise Wrong(f"{' '.join(words)}: exit status {done.returncode}, not {status}\n{(done.stdout + done.stderr)[-1500:]}")
        return done.stdout + done.stderr

    def results(self, *words, status=0):
        path = self.folder / "results.json"
        self.run(*words, "--results", str(path), status=status)
        return json.loads(path.read_text())

    def cases_on_reference(self):
        return self.starts.read_text().count("-run conformance_case run ") if self.starts.exists() else 0


def name_of(entry):
    return "/".join([*entry["groups"], entry["case"]])


def verdicts(runner):
    """Everything once; files of results and reports are there for the other tests."""
    files = {kind: runner.folder / f"all.{kind}" for kind in ("junit", "html", "summary")}
    results = runner.results("first_SUITE", *[word for kind, path in files.items() for word in (f"--{kind}", str(path))], status=1)
    shutil.copy(runner.folder / "results.json", runner.folder / "all.json")
    same(VERDICTS, {name_of(e): (e["runs"]["vm"]["verdict"], e["reference"]["verdict"]) for e in results["cases"]})
    reasons = {name_of(e): e["runs"]["vm"]["reason"] for e in results["cases"]}
    for name, part in (("halts", "exit status 7"), ("ends_by_signal", "signal SIGSEGV"), ("hangs", "no end after 8 s"), ("traps_time", "timetrap_timeout"),
                       ("fails", "badmatch"), ("skips", "does not want to"), ("fails_everywhere", "nobody can"), ("fails_at_first", "fail at first, then pass"),
                       ("skipped_in_init", "not here")):
        contains(part, reasons[name])
    contains("it has said this\n", next(e["runs"]["vm"]["log"] for e in results["cases"] if e["case"] == "prints"))
    contains("its end was reached\n", next(e["runs"]["vm"]["log"] for e in results["cases"] if e["case"] == "ends_elsewhere"))
    # Nothing tells on which machine it was.
    if str(runner.folder) in json.dumps(results):
        raise Wrong(f"{runner.folder} is in the results")


def nothing_is_left(_runner):
    left = [p for p in pathlib.Path("/proc").glob("[0-9]*/cmdline") if b"600.125" in p.read_bytes()]
    same([], left)


def reference_is_kept(runner):
    before = runner.cases_on_reference()
    runner.run("first_SUITE:passes", "first_SUITE:fails", "--retries", "0", status=1)
    same(before, runner.cases_on_reference(), "cases on the reference")
    runner.run("first_SUITE:passes", "--fresh-reference")
    same(before + 1, runner.cases_on_reference(), "cases on the reference")


def without_reference(runner):
    before = runner.cases_on_reference()
    told = runner.run("--no-reference", "--retries", "0", "first_SUITE:passes", "first_SUITE:skips", "first_SUITE:better")
    contains("2 pass, 1 skip; 0 wrong", told)
    contains("1 fail; 1 wrong", runner.run("--no-reference", "--retries", "0", "first_SUITE:fails", status=1))
    same(before, runner.cases_on_reference(), "cases on the reference")


def names(runner):
    def cases(*words):
        return sorted(name_of(e) for e in runner.results(*words)["cases"])
    same(["one", "two"], cases("second_SUITE"))
    same(["two"], cases("tiny/second_SUITE:two", "second_SUITE:two"))
    same(["one"], cases("second_SUITE", "!second_SUITE:two"))
    listed = runner.folder / "names"
    listed.write_text("# what runs\nsecond_SUITE   # all of it\nfirst_SUITE:passes\n!second_SUITE:one\n")
    same(["passes", "two"], cases(f"@{listed}"))
    same(["in_group"], [c.split("/")[-1] for c in cases("first_SUITE:in_group")])
    contains("third_SUITE: no such suite", runner.run("third_SUITE", status=2))
    contains("second_SUITE:three: no such case", runner.run("second_SUITE:three", status=2))
    contains("!second_SUITE:three: no such case", runner.run("second_SUITE", "!second_SUITE:three", status=2))
    contains("No such file", runner.run("@/nowhere", status=2))


def again(runner):
    results = runner.results("--again", str(runner.folder / "all.json"), "--retries", "0", status=1)
    # What crashed when it first ran does not now.
    same(sorted(WORSE), sorted(name_of(e) for e in results["cases"]))
    same("pass", next(e["runs"]["vm"]["verdict"] for e in results["cases"] if e["case"] == "crashes_at_first"))
    runner.results("second_SUITE")
    contains("nothing in it to run again", runner.run("--again", str(runner.folder / "results.json"), status=2))


SKIPS = [
    ('[[skip]]\ncases = ["first_SUITE:fails"]\nreason = "it cannot"\n', 0, "1 in skip.toml; 0 worse"),
    ('[[skip]]\ncases = ["first_SUITE:fails", "first_SUITE:passes"]\nreason = "it cannot"\n', 1, "first_SUITE/passes: passes, and is in skip.toml: it cannot"),
    ('[[skip]]\ncases = ["first_SUITE:fails"]\nreason = "it cannot"\notp = ["24"]\n', 1, "1 worse"),
    ('[[skip]]\ncases = ["first_SUITE:fails"]\n', 2, "first_SUITE:fails: has no reason"),
    ('[[skip]]\ncases = ["first_SUITE:fails"]\nreason = " "\n', 2, "first_SUITE:fails: has no reason"),
    ('[[skip]]\ncases = ["first_SUITE:nothing"]\nreason = "x"\n', 2, "first_SUITE:nothing: no such case"),
    ('[[skip]]\ncases = ["no_SUITE:nothing"]\nreason = "x"\n', 2, "no_SUITE:nothing: no such suite"),
    ('[[skip]]\ncases = ["first_SUITE"]\nreason = "x"\n', 2, "SUITE:CASE"),
    ('[[skip]]\ncases = ["first_SUITE:fails"]\nreasons = "x"\n', 2, "what is reasons?"),
    ('[[skip]]\ncases = ["first_SUITE:fails", "first_SUITE:fails"]\nreason = "x"\n', 2, "is there twice"),
    ('[[leave]]\n', 2, "what is leave?"),
    ('skip = [\n', 2, "skip.toml: "),
]


def skips(runner):
    path = runner.folder / "skip.toml"
    for text, status, told in SKIPS:
        path.write_text(text)
        contains(told, runner.run("--skip", str(path), "--retries", "0", "first_SUITE:passes", "first_SUITE:fails", status=status))


def junit(runner):
    root = ET.parse(runner.folder / "all.junit").getroot()
    suite = root.find("testsuite")
    same({"tests": "24", "failures": "4", "errors": "4", "skipped": "3"}, {k: v for k, v in suite.items() if k in ("tests", "failures", "errors", "skipped")})
    wrong = {case.get("name"): case[0].tag for case in suite if len(case) and case[0].tag in ("failure", "error")}
    same(sorted(WORSE), sorted(wrong))
    same("error", wrong["ends_by_signal"])
    same("failure", wrong["fails"])
    contains("it has said this", next(c[0].text for c in suite if c.get("name") == "prints"))
    same("fail, on the reference fail: nobody can", next(c[0].get("message") for c in suite if c.get("name") == "fails_everywhere"))


def summary(runner):
    text = (runner.folder / "all.summary").read_text()
    contains("## OTP 25", text)
    contains("| tiny | 24 | 12 of 20 (60.0 %); 3 crash, 1 time-out |", text)
    contains(f"### Worse than the reference: {len(WORSE)}", text)
    contains("| tiny/first_SUITE/ends_by_signal | vm | crash: `signal SIGSEGV` |", text)
    contains("### Unsteady: 1", text)
    contains("* tiny/first_SUITE/fails_at_first", text)


def stored(runner):
    """Reports of stored results are those of the run."""
    before = runner.starts.read_text()
    for kind in ("junit", "html", "summary"):
        path = runner.folder / f"again.{kind}"
        runner.run("--from", str(runner.folder / "all.json"), f"--{kind}", str(path), status=1)
        same((runner.folder / f"all.{kind}").read_text(), path.read_text(), kind)
    same(before, runner.starts.read_text())
    (runner.folder / "strange.json").write_text("{}")
    contains("is not a file of results", runner.run("--from", str(runner.folder / "strange.json"), status=2))


def on_terminal(runner):
    """A line of progress that is renewed, and gone at the end."""
    parent, child = pty.openpty()
    with subprocess.Popen(runner.command("second_SUITE"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=child, text=True) as process:
        os.close(child)
        told = b""
        while True:
            try:
                piece = os.read(parent, 1000)
            except OSError:
                break
            if not piece:
                break
            told += piece
        process.stdout.read()
    os.close(parent)
    text = told.decode()
    contains("\r\x1b[Kvm: 2 of 2: 2 pass", text)
    same(True, text.endswith("\r\x1b[K"), "the line is gone")


def interrupted(runner):
    """Nothing of it goes on."""
    # Not that of run: no one here is to end it by waiting.
    with subprocess.Popen(runner.command("first_SUITE:hangs", "--limit", "200"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not (mine := hanging()) and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
        same(130, process.returncode)
        contains("interrupted", told)
        same(True, bool(mine), "it has begun")
        same([], hanging())


def hanging():
    return [p for p in pathlib.Path("/proc").glob("[0-9]*/cmdline") if b"first_SUITE\0hangs" in cmdline(p)]


def cmdline(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def wrong_words(runner):
    contains("does not start as erl does", runner.run("--vm", "/bin/false", "second_SUITE", status=2))
    contains("does not start as erl does", runner.run("--vm", "/nowhere/erl", "second_SUITE", status=2))
    contains("has no engines", runner.run("--engine", "lazy", "second_SUITE", status=2))
    contains("no such engine", runner.run("--engine", "lazy,fast", "second_SUITE", status=2))
    contains("is no number", runner.run("--jobs", "0", "second_SUITE", status=2))
    contains("does not run", runner.run("--reference", "/nowhere/erl", "second_SUITE", status=2))


def starts_by_name(runner):
    """What a case starts as erl is the VM under test, here a script in a folder that is named from here."""
    script = runner.folder / "vm" / "other"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\nTINY_VM=script exec {shutil.which('erl')} \"$@\"\n")
    script.chmod(0o755)
    other = Runner.__new__(Runner)
    other.__dict__ = dict(runner.__dict__, vm=os.path.relpath(script))
    same("pass", other.results("first_SUITE:starts_by_name", "--no-reference")["cases"][0]["runs"]["vm"]["verdict"])


def engines(runner, lintel):
    """Of Lintel, each a column."""
    on_lintel = Runner.__new__(Runner)
    on_lintel.__dict__ = dict(runner.__dict__, vm=f"env TINY_VM=1 {lintel} erl")
    results = on_lintel.results("--engine", "off,eager", "--retries", "0", "first_SUITE:needs_eager", "first_SUITE:native", "first_SUITE:starts_node", "second_SUITE", status=1)
    same(["off", "eager"], results["columns"])
    same({"needs_eager": ["fail", "pass"], "native": ["pass", "pass"], "starts_node": ["pass", "pass"], "one": ["pass", "pass"], "two": ["pass", "pass"]},
         {e["case"]: [e["runs"][c]["verdict"] for c in results["columns"]] for e in results["cases"]})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lintel", help="the program, to run its engines, too")
    parser.add_argument("--filter", default="", help="only tests whose name contains this; the first one always")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(pathlib.Path(folder).resolve())

        def test(check, *more):
            try:
                check(runner, *more)
            except (Wrong, OSError, subprocess.TimeoutExpired) as why:
                return str(why)
            return None
        checks = [verdicts, nothing_is_left, reference_is_kept, without_reference, names, again, skips, junit, summary, stored, on_terminal, interrupted, wrong_words, starts_by_name]
        jobs = [(c.__name__, test, c) for c in checks if c is verdicts or arguments.filter in c.__name__]
        if arguments.lintel and arguments.filter in "engines":
            jobs.append(("engines", test, engines, pathlib.Path(arguments.lintel).resolve()))
        return run_all(jobs, workers=1)


if __name__ == "__main__":
    sys.exit(main())
