#!/usr/bin/env python3
"""Counts the instructions that small pieces of work take (bench/instructions.erl), with callgrind: the same on a busy machine as on a quiet one.

    bench/instructions.py                 # compares with bench/instructions.txt
    bench/instructions.py --write         # writes it

They run with a virtual clock: one schedule. What `nothing` takes is taken off. More than TOLERANCE above what is written down is a
regression and fails; more than that below is told, for it should be written down.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORD = ROOT / "bench" / "instructions.txt"
TOLERANCE = 0.1


def count(lintel, beam, name):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--smc-check=all-non-file",
               lintel, "run", "--virtual-clock", str(beam), "--", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=dict(os.environ, LC_ALL="C.UTF-8"))
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or found is None:
        sys.exit(f"{name}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return int(found.group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lintel", default=str(ROOT / "build/release/tools/lintel"))
    parser.add_argument("--build", default=str(ROOT / "build/instructions"), help="where the compiled program goes")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    build = pathlib.Path(options.build)
    build.mkdir(parents=True, exist_ok=True)
    source = ROOT / "bench" / "instructions.erl"
    subprocess.run(["erlc", "-o", str(build), str(source)], check=True)
    names = [n for n in re.findall(r"^run\((\w+)\)", source.read_text(), re.M) if n != "nothing"]
    beam = build / "instructions.beam"
    common = count(options.lintel, beam, "nothing")
    counts = {name: count(options.lintel, beam, name) - common for name in names}
    if options.write:
        RECORD.write_text("".join(f"{name} {counts[name]}\n" for name in names))
        return 0
    known = dict(line.split() for line in RECORD.read_text().splitlines())
    worse = 0
    for name in names:
        ratio = counts[name] / int(known[name]) if name in known else None
        verdict = "not written down" if ratio is None else "MORE" if ratio > 1 + TOLERANCE else "less" if ratio < 1 - TOLERANCE else ""
        worse += verdict == "MORE"
        print(f"{name:20} {counts[name]:12} {'' if ratio is None else f'{ratio:6.3f}'} {verdict}")
    print(f"instructions: {len(names)} pieces of work, {worse} take more than is written down")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
