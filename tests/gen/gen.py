#!/usr/bin/env python3
"""Random differential tests: generated programs (generate.py) run on Lintel and on the real `erl`, and their output is compared.

    tests/gen/gen.py                          30 seconds, from a fixed seed
    tests/gen/gen.py --seed 4711 --seconds 600
    tests/gen/gen.py --family maps --seed 17 --rounds 1     what a failure said: the same program again

The Erlang source of a program that differs is kept in the build folder. --stress hands switches to a debug build. The last line is
'N programs, N differ'.
"""

import argparse
import itertools
import os
import pathlib
import subprocess
import sys
import time

from generate import FAMILIES, module

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RUNNER = """-module(gen_run).
-export([main/1]).


%% Reports of processes that die, as some programs do, come at any time: none.
main(Names) ->
    logger:set_primary_config(level, none),
    lists:foreach(fun one/1, Names).
one(Name) ->
    io:format("== ~s~n", [Name]),
    {_, Ref} = spawn_monitor(list_to_atom(Name), main, []),
    receive {'DOWN', Ref, _, _, Why} -> io:format("-- ~w~n", [Why]) end.
"""
ENVIRONMENT = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8")


def run(command, cwd, seconds):
    try:
        done = subprocess.run(command, cwd=cwd, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds)
        return done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as expired:
        return f"no end after {seconds} s", expired.stdout or b"", expired.stderr or b""


def text(output):
    return output.decode("utf-8", "backslashreplace")


def parts(output):
    """Output by program name."""
    found = {}
    for part in text(output).split("== ")[1:]:
        name, _, body = part.partition("\n")
        found[name.strip()] = body
    return found


def show(expected, actual, most):
    """The first lines that differ: the call, then both results from a little before where they part."""
    shown = 0
    for e, a in itertools.zip_longest(expected, actual, fillvalue="(nothing)"):
        if e == a:
            continue
        at = next((i for i, (x, y) in enumerate(zip(e, a)) if x != y), min(len(e), len(a)))
        print(f"  {e[:200]}\n    erl    …{e[max(0, at - 60):at + 200]}\n    lintel …{a[max(0, at - 60):at + 200]}", flush=True)
        shown += 1
        if shown == most:
            break


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "quick" / "tools" / "lintel"), help="the program")
    parser.add_argument("--build", default=str(ROOT / "build" / "gen"), help="folder for generated programs")
    parser.add_argument("--family", choices=sorted(FAMILIES), action="append", help="only this family; may be repeated")
    parser.add_argument("--seed", type=int, default=1, help="of the first round; each further round counts up")
    parser.add_argument("--rounds", type=int, default=10**9, help="at most so many rounds, each with one program of every family")
    parser.add_argument("--seconds", type=int, default=30, help="begin no round after this time")
    parser.add_argument("--stress", default="", help="switches of a debug build, as LINTEL_STRESS takes them")
    parser.add_argument("--timeout", type=int, default=60, help="seconds that one round may take on Lintel")
    parser.add_argument("--lines", type=int, default=4, help="differences to show for each program")
    arguments = parser.parse_args()
    ENVIRONMENT["LINTEL_STRESS"] = arguments.stress
    lintel = str(pathlib.Path(arguments.lintel).resolve())
    build = pathlib.Path(arguments.build).resolve()
    build.mkdir(parents=True, exist_ok=True)
    (build / "gen_run.erl").write_text(RUNNER)
    families = arguments.family or sorted(FAMILIES)

    start = time.monotonic()
    programs = differ = 0
    for seed in range(arguments.seed, arguments.seed + arguments.rounds):
        if time.monotonic() - start > arguments.seconds:
            break
        names = {f"{family}_{seed}": family for family in families}
        for name, family in names.items():
            (build / f"{name}.erl").write_text(module(family, name, seed))
        code, out, err = run(["erlc", "-W0", "gen_run.erl"] + [f"{n}.erl" for n in names], build, 300)
        if code != 0:
            print(f"FAIL seed {seed}: does not compile\n{text(out)[:2000]}{text(err)[:2000]}")
            return 1
        _, expected, err = run(["erl", "-noshell", "-kernel", "logger_level", "none", "-eval",
                                "io:setopts([{encoding,unicode}]), gen_run:main([%s]), halt()." % ",".join(f'"{n}"' for n in names)], build, 120)
        code, actual, err = run([lintel, "run", "-pa", ".", "-m", "gen_run", "-f", "main", "--"] + list(names), build, arguments.timeout)
        expected, actual = parts(expected), parts(actual)
        bad = []
        for name, family in names.items():
            programs += 1
            if name not in expected:
                print(f"FAIL {name}: erl itself wrote nothing")
                differ += 1
            elif expected[name] != actual.get(name):
                bad.append(name)
                differ += 1
                print(f"FAIL --family {family} --seed {seed}: {build / name}.erl")
                show(expected[name].splitlines(), actual.get(name, "").splitlines(), arguments.lines)
        if code != 0:
            print(f"FAIL seed {seed}: exit status {code}\n" + "\n".join(text(err).splitlines()[-15:]), flush=True)
            differ += not bad
        for name in names:
            for file in [build / f"{name}.beam"] + ([] if name in bad else [build / f"{name}.erl"]):
                file.unlink(missing_ok=True)
    print(f"{programs} programs, {differ} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
