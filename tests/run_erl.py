#!/usr/bin/env python3
"""Differential tests: every Erlang program of tests/erl/<area>/ and examples/ runs on Lintel and on the real `erl`.

A test is a module that exports main/0; what it writes to stdout must be the same, byte for byte, on both. Programs
are therefore deterministic: they print no pids, references or times. Modules without main/0 are helpers of their area.
tests/erl/skip.txt lists what is known to differ, as `area/name: reason`; a program with the comment `%% Not under stress` is left out
with --stress. What `erl` printed is kept in the build folder until the modules of the area, or this script, change. The last line is 'N passed, N failed', with ', N skipped' if any.
"""

import argparse
import hashlib
import os
import pathlib
import re
import subprocess
import sys

from comparison import ROOT, difference, run_all

TIMEOUT = 60
ENVIRONMENT = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8")
MAIN_0 = re.compile(r"^-export\(\[[^\]]*\bmain/0\b", re.MULTILINE)


def areas():
    """(area name, its .erl files) for each folder of tests/erl and of examples."""
    found = []
    for base, prefix in ((ROOT / "tests" / "erl", ""), (ROOT / "examples", "examples/")):
        for folder in sorted(base.iterdir()) if base.is_dir() else []:
            files = sorted(folder.glob("*.erl")) if folder.is_dir() else []
            if files:
                found.append((prefix + folder.name, files))
    return found


def compile_area(files, out):
    """Compiles what is newer than its .beam; the compiler's complaints, or None."""
    out.mkdir(parents=True, exist_ok=True)
    for beam in out.glob("*.beam"):  # a module that is no more could shadow one of OTP
        if beam.stem not in {f.stem for f in files}:
            beam.unlink()
    stale = [f for f in files if not (out / (f.stem + ".beam")).exists()
             or (out / (f.stem + ".beam")).stat().st_mtime <= f.stat().st_mtime]
    if not stale:
        return None
    # Relative names, so that the file names in stack traces do not depend on where the repository is.
    done = subprocess.run(["erlc", "-W0", "-pa", str(out), "-o", str(out)] + [f.name for f in stale],
                          cwd=stale[0].parent, env=ENVIRONMENT, capture_output=True, text=True)
    return None if done.returncode == 0 else done.stdout + done.stderr


def run(command, cwd, stdin=b"", timeout=None):
    """(exit status or what went wrong, stdout, stderr)"""
    timeout = timeout or TIMEOUT
    try:
        done = subprocess.run(command, cwd=cwd, env=ENVIRONMENT, input=stdin, capture_output=True, timeout=timeout)
        return done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as expired:
        return f"no end after {timeout} s", expired.stdout or b"", expired.stderr or b""


def expected_output(module, beams):
    """What the real erl writes; from the build folder if nothing changed since it was asked.

    main/0 runs in a process of its own, as on Lintel, so that stack traces end in main/0 and not in erl_eval.
    """
    key = hashlib.sha256(pathlib.Path(__file__).read_bytes())
    for beam in sorted(beams.glob("*.beam")):
        key.update(beam.read_bytes())
    kept = beams / f"{module}.{key.hexdigest()[:16]}.expected"
    if kept.exists():
        return 0, kept.read_bytes(), b""
    for old in beams.glob(f"{module}.*.expected"):
        old.unlink()
    command = ["erl", "-noshell", "-kernel", "logger_level", "none", "-pa", str(beams), "-eval",
               f"io:setopts([{{encoding,unicode}}]), {{_, R}} = spawn_monitor({module}, main, []), "
               "receive {'DOWN', R, _, _, Why} -> halt(case Why of normal -> 0; _ -> 1 end) end."]
    for _ in range(5):
        status, out, err = run(command, beams)
        # erl of OTP 25 crashes now and then in processes/signal_storm: ask again.
        if not isinstance(status, int) or status >= 0:
            break
    if status == 0:
        kept.write_bytes(out)
    return status, out, err


def test(lintel, module, beams):
    """None if both wrote the same, or else what differs."""
    status, expected, err = expected_output(module, beams)
    if status != 0:
        return f"erl itself fails: {status}\n{text(expected)}{text(err)}"
    status, actual, err = run([lintel, "run", "-pa", str(beams), "-m", module], beams)
    expected, actual = without_reports(expected), without_reports(actual)
    if status == 0 and actual == expected:
        return None
    for kept in beams.glob(f"{module}.*.expected"):
        kept.unlink()  # the odd one may have been erl
    lines = (difference(text(expected), text(actual)) or "").splitlines()
    if status != 0:
        crash = isinstance(status, int) and status < 0
        lines.insert(0, f"CRASH: signal {-status}" if crash else f"exit status: {status}")
    return "\n".join(lines + text(err).splitlines()[-15:])


def without_reports(output):
    """Log events carry times and pids, and reach the output when they like."""
    return re.sub(rb"=[A-Z ]+ REPORT==== .*?\n\n+", b"", output, flags=re.DOTALL)


def text(output):
    return output.decode("utf-8", "backslashreplace")


def read_skips(path):
    skips = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.partition(":")
            if not reason.strip():
                sys.exit(f"{path}: a skip without a reason: {line}")
            skips[name.strip()] = reason.strip()
    return skips


def argument_parser(description, timeout):
    """With what every runner of tests/erl takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--lintel", default=str(ROOT / "build" / "quick" / "tools" / "lintel"), help="the program")
    parser.add_argument("--build", default=str(ROOT / "build" / "erl_tests"), help="folder for compiled modules")
    parser.add_argument("--filter", default="", help="only tests whose area/name contains this")
    parser.add_argument("--timeout", type=int, default=timeout, help="seconds that one program may take")
    return parser


def main():
    parser = argument_parser(__doc__.splitlines()[0], 60)
    parser.add_argument("--stress", default="", help="switches of a debug build, as LINTEL_STRESS takes them: gc,frag,…")
    parser.add_argument("--all", action="store_true", help="also run what skip.txt lists")
    arguments = parser.parse_args()
    global TIMEOUT
    TIMEOUT = arguments.timeout
    ENVIRONMENT["LINTEL_STRESS"] = arguments.stress
    lintel = str(pathlib.Path(arguments.lintel).resolve())
    build = pathlib.Path(arguments.build).resolve()
    skips = {} if arguments.all else read_skips(ROOT / "tests" / "erl" / "skip.txt")

    jobs, failed = [], 0
    for area, files in areas():
        if arguments.stress:
            skips |= {f"{area}/{f.stem}": "tells what stress changes" for f in files if "%% Not under stress" in f.read_text()}
        entries = [f for f in files if arguments.filter in f"{area}/{f.stem}" and MAIN_0.search(f.read_text())]
        if not entries:
            continue
        complaints = compile_area(files, build / area)
        if complaints:
            print(f"FAIL {area}: does not compile\n{complaints}")
            failed += len(entries)
            continue
        jobs += [(f"{area}/{f.stem}", test, lintel, f.stem, build / area) for f in entries]
    return run_all(jobs, skips, failed)


if __name__ == "__main__":
    sys.exit(main())
