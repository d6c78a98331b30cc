#!/usr/bin/env python3
"""Flags of the emulator with right, boundary and wrong values, on `lintel erl` and on erl: exit status, what is written to stdout, and of stderr the first line if
the flag is refused, else all of it (the text about usage that follows a refusal is each VM's own). The last line is 'N passed, N failed'.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

from comparison import ROOT, difference, run_all

WORDS = ["true", "tru", "truex", "True", "x", ""]
WAIT = ["none", "very_short", "short", "medium", "long", "very_long", "mediumx", "0", ""]
LEVEL = ["very_low", "low", "medium", "high", "very_high", "lowx", "0", ""]
BIND = ["u", "ns", "ux", "x", ""]


def numbers(*bounds):
    return [*map(str, bounds), "x", "1x", "-1", "0", "1", "99999999999999999999", ""]


# The values of each flag; "": none, so that what follows is taken for it.
FLAGS = {
    "A": numbers(1024, 1025), "a": numbers(15, 16, 8192, 8193), "c": ["true", "false", "x", ""], "C": ["no_time_warp", "single_time_warp", "multi_time_warp", "x", ""],
    "d": ["x", ""], "dcg": ["256", "0", ""], "e": numbers(1000), "ec": [""], "fnl": ["", "w"], "fnu": ["", "w", "i", "e", "x"], "fna": ["", "w", "i", "e", "x"],
    "h": numbers(233), "hms": numbers(100), "hmbs": numbers(100), "hmax": ["x", "0", "100000000", "-1", "99999999999999999999"], "hmaxel": WORDS, "hmaxk": WORDS, "hpds": numbers(10),
    "hmqd": ["off_heap", "on_heap", "mixed", "x", ""], "IOp": ["x", "1x", "-1", "0", "1", "99999999999999999999", ""], "IOt": numbers(1024, 1025), "IOPp": numbers(100, 101),
    "IOPt": numbers(50, 100, 101), "IOs": WORDS, "K": WORDS, "L": ["", "x"], "n": ["s", "a", "x", ""], "pc": ["unicode", "latin1", "x", ""],
    "P": numbers(1023, 1024, 134217727, 134217728), "Q": numbers(1023, 1024, 134217727, 134217728), "r": ["", "x"], "rg": numbers(64), "R": numbers(22, 23, 24, 25, 26),
    "S": numbers("1:1", "2:1", "1:2", ":1", "2:", ":", "a:b", "1:x", ":x", "0:0", "1:1:1", 1025, "1024:1025"),
    "SP": numbers("50:50", "100", ":50", "x:1", ":"), "SDcpu": numbers("1:1", "2:1", "1:2", ":1", ":", "a:b", "1:x", "0:0", 1025), "SDPcpu": numbers("50", "100:100", ":50", "x:1", ":"),
    "SDio": numbers(10, 1024, 1025, "1:1"), "sbt": BIND, "stbt": BIND, "sbwt": WAIT, "sbwtdcpu": WAIT, "sbwtdio": WAIT, "scl": WORDS, "sct": ["L0c0", "x", "l0c0"], "secio": WORDS, "sfwi": numbers(100),
    "spp": WORDS, "sss": numbers(19, 20, 8192, 8193), "sssdcpu": numbers(19, 20, 8192, 8193), "sssdio": numbers(19, 20, 8192, 8193), "ssrct": ["", "x"], "sub": WORDS,
    "swct": ["very_eager", "eager", "medium", "lazy", "very_lazy", "x", ""], "sws": ["default", "legacy", "proposal", "x", ""], "swt": LEVEL, "swtdcpu": LEVEL, "swtdio": LEVEL, "sx": ["1"], "s": [""],
    "t": numbers(8191, 2147483647, 2147483648), "T": numbers(9, 10), "v": ["", "x"], "V": ["", "x"], "W": ["w", "i", "e", "x", ""],
    "zdbbl": numbers(2097151, 2097152), "zdntgc": numbers("infinity", 100000000, 100000001), "zebwt": WAIT, "zosrl": numbers(134217727, 134217728), "zx": ["1"], "z": [""],
    "MBas": ["ageffcbf", "bf", "x", ""], "Mea": ["min", "max", "x"], "MMscs": ["x", "-1", ""], "MHe": WORDS, "Muycs": numbers(), "MBt": WORDS, "MBacul": numbers(100, 101, "de"), "MBsbct": numbers(),
    "MBrsbcmt": numbers(), "MBx": ["1"], "Mx": ["1"], "Mlpm": ["all", "no", "x", ""], "MMsco": WORDS, "MBcp": ["B", "x", ""], "MBatags": WORDS,
    "JPperf": ["true", "dump", "x", ""], "JDdump": ["true", "x", ""], "Jx": ["true"], "E": [""], "Z": ["x"], "g": ["x"], "x": [""], "l": [""], "f": ["", "x"], "u": ["x"],
}
# Of these the value is never attached, or that means something else.
ALONE = {"JPperf", "JDdump", "dcg", "zx", "Jx"}


def cases():
    for flag, values in FLAGS.items():
        for i, value in enumerate(values):
            if value != "":
                yield [f"+{flag}", value]
            if value == "" or (flag not in ALONE and i < 1):
                yield [f"+{flag}{value}"]
    for flag in ("A", "hms", "swt", "SP", "zdbbl", "IOp", "sbwt", "P"):
        yield ["-s", "erlang", "halt", f"+{flag}"]


def run(program, flags):
    command = [*program, *flags] + ([] if "halt" in flags else ["-noshell", "-s", "erlang", "halt"])
    # Some flags have erl write files.
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(command, cwd=folder, env=dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8", JITDUMPDIR=str(folder)), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=60)
        except subprocess.TimeoutExpired:
            return "no end"
    errors = done.stderr.splitlines()
    errors = [line.replace("lintel unknown", "PROGRAM unknown") if "/beam.smp" not in line else "PROGRAM" + line[line.index(" unknown"):] for line in errors]
    if done.returncode != 0:
        errors = [line for line in errors if not line.startswith("Usage:")][:1]
    return "\n".join([f"status {done.returncode}", done.stdout, *errors])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "quick" / "tools" / "lintel"), help="the program")
    parser.add_argument("--filter", default="", help="only flags that begin with this")
    arguments = parser.parse_args()
    lintel = str(pathlib.Path(arguments.lintel).resolve())

    def test(flags):
        return difference(run(["erl"], flags), run([lintel, "erl"], flags))

    return run_all([(" ".join(flags), test, flags) for flags in cases() if flags[-1 if "halt" in flags else 0].startswith("+" + arguments.filter)])


if __name__ == "__main__":
    sys.exit(main())
