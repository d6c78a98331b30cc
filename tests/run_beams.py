#!/usr/bin/env python3
"""Programs of later releases: each tests/otp29/NAME.beam with a NAME.out runs on Lintel and must write just that to stdout.

The installed release can neither compile nor run them, so the compiled files are kept, with what OTP 29 wrote when
tests/otp29/make.sh made them. The last line is 'N passed, N failed'.
"""

import argparse
import difflib
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "otp29"


def test(lintel, module, timeout, environment):
    """None if it wrote what OTP 29 did, or else what differs."""
    expected = text((FOLDER / f"{module}.out").read_bytes())
    try:
        done = subprocess.run([lintel, "run", "-pa", str(FOLDER), "-m", module], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return f"no end after {timeout} s"
    actual = text(done.stdout)
    if done.returncode == 0 and actual == expected:
        return None
    lines = difflib.unified_diff(expected.splitlines(), actual.splitlines(), "OTP 29", "lintel", lineterm="", n=0)
    return "\n".join([f"exit status: {done.returncode}", *lines, *text(done.stderr).splitlines()[-15:]][:60])


def text(output):
    return output.decode("utf-8", "backslashreplace")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "quick" / "tools" / "lintel"), help="the program")
    parser.add_argument("--stress", default="", help="switches of a debug build, as LINTEL_STRESS takes them: gc,frag,…")
    parser.add_argument("--timeout", type=int, default=60, help="seconds for each")
    arguments = parser.parse_args()
    environment = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8")
    if arguments.stress:
        environment["LINTEL_STRESS"] = arguments.stress
    modules = sorted(p.stem for p in FOLDER.glob("*.out"))
    failed = 0
    for module in modules:
        wrong = test(arguments.lintel, module, arguments.timeout, environment)
        if wrong is not None:
            failed += 1
            print(f"FAIL {module}\n{wrong}\n")
    print(f"{len(modules) - failed} passed, {failed} failed")
    return 1 if failed or not modules else 0


if __name__ == "__main__":
    sys.exit(main())
