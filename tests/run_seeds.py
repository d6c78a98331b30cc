#!/usr/bin/env python3
"""Determinism: the programs of tests/erl and examples in VMs with a seed.

    tests/run_seeds.py --lintel PATH --build DIR [--seeds 1..2] [--filter AREA/NAME]

With each seed a program must write what the real `erl` writes (a schedule that is allowed changes no result), and with the first one it runs
twice: both times output and schedule must be the same, byte for byte.
tests/erl/skip_seeds.txt lists, as `area/name: reason`, what tells of schedulers that there are not. A reason that begins with `outside` is about the
world outside, which no seed decides: then only the output must be right.
"""

import os
import pathlib
import sys
import tempfile

import run_erl
from comparison import ROOT, difference, run_all

OUTSIDE = {"files", "inet", "socket", "ports", "apps"}  # areas that are all about it: their output is compared, their schedules are not


def run(lintel, module, beams, seed, *options):
    """(exit status, stdout, stderr). Of programs that write files each has a name of its own to give them."""
    name = f"LINTEL_TEST_RUN={module}_{os.getpid()}"
    return run_erl.run(["env", name, lintel, "run", "--seed", str(seed), *options, "-pa", str(beams), "-m", module], beams)


def record(lintel, module, beams, seed):
    """(exit status, stdout, stderr, the schedule)"""
    with tempfile.NamedTemporaryFile() as schedule:
        status, out, err = run(lintel, module, beams, seed, "--trace", schedule.name)
        return str(status).encode(), out, err, pathlib.Path(schedule.name).read_bytes()


def repeat(lintel, module, beams, seed):
    """None if both runs were the same."""
    first, second = record(lintel, module, beams, seed), record(lintel, module, beams, seed)
    if first == second:
        return None if first[3] else "no schedule was recorded"
    for name, a, b in zip(("exit status", "stdout", "stderr", "schedule"), first, second):
        if a != b:
            a, b = run_erl.text(a).splitlines(), run_erl.text(b).splitlines()
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            return "\n".join([f"seed {seed}: two runs differ in {name}, line {at + 1}"]
                             + ["- " + x[:300] for x in a[max(at - 3, 0):at + 2]] + ["+ " + x[:300] for x in b[at:at + 2]])


def test(lintel, module, beams, seeds, is_outside):
    """None, or what is wrong."""
    status, expected, err = run_erl.expected_output(module, beams)
    if status != 0:
        return f"erl itself fails: {status}\n{run_erl.text(expected)}{run_erl.text(err)}"
    expected = run_erl.without_reports(expected)
    for seed in seeds:
        status, actual, err = run(lintel, module, beams, seed)
        actual = run_erl.without_reports(actual)
        if status != 0 or actual != expected:
            lines = [f"seed {seed}: " + (f"CRASH: signal {-status}" if isinstance(status, int) and status < 0 else f"exit status: {status}")]
            return "\n".join(lines + (difference(run_erl.text(expected), run_erl.text(actual)) or "").splitlines()
                             + run_erl.text(err).splitlines()[-15:])
    return None if is_outside else repeat(lintel, module, beams, seeds[0])


def main():
    parser = run_erl.argument_parser(__doc__.splitlines()[0], 120)
    parser.add_argument("--seeds", default="1..2", help="A..B")
    arguments = parser.parse_args()
    run_erl.TIMEOUT = arguments.timeout
    lintel = str(pathlib.Path(arguments.lintel).resolve())
    build = pathlib.Path(arguments.build).resolve()
    first, last = (int(n) for n in arguments.seeds.split(".."))
    listed = run_erl.read_skips(ROOT / "tests" / "erl" / "skip_seeds.txt")
    outside = {name for name, reason in listed.items() if reason.startswith("outside")}
    skips = run_erl.read_skips(ROOT / "tests" / "erl" / "skip.txt") | {n: why for n, why in listed.items() if n not in outside}
    jobs, failed = [], 0
    for area, files in run_erl.areas():
        entries = [f for f in files if arguments.filter in f"{area}/{f.stem}" and run_erl.MAIN_0.search(f.read_text())]
        if not entries:
            continue
        complaints = run_erl.compile_area(files, build / area)
        if complaints:
            print(f"FAIL {area}: does not compile\n{complaints}")
            failed += len(entries)
            continue
        jobs += [(f"{area}/{f.stem}", test, lintel, f.stem, build / area, range(first, last + 1), area in OUTSIDE or f"{area}/{f.stem}" in outside)
                 for f in entries]
    return run_all(jobs, skips, failed)


if __name__ == "__main__":
    sys.exit(main())
