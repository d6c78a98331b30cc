#!/usr/bin/env python3
"""Random differential tests: generated programs (generate.py, typed.py) run on Lintel and on the real `erl`, and their output is compared.

    tests/gen/gen.py                          30 seconds, from a fixed seed
    tests/gen/gen.py --seed 4711 --seconds 600
    tests/gen/gen.py --family maps --seed 17 --rounds 1     what a failure said: the same program again
    tests/gen/gen.py --family typed --each 200 --jit off,lazy,eager --rounds 500     100,000 programs, each three times

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

import generate
import typed

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FAMILIES = dict(generate.FAMILIES, typed=None)
RUNNER = """-module(gen_run).
-export([main/1, compile/1, detail/1]).

%% Every program, on all processors.
compile(Names) ->
    Shares = [lists:usort([N || {I, N} <- lists:enumerate(Names), I rem erlang:system_info(schedulers) =:= K])
              || K <- lists:seq(0, erlang:system_info(schedulers) - 1)],
    Refs = [element(2, spawn_monitor(fun() -> lists:foreach(fun compile_one/1, Share) end)) || Share <- Shares],
    [receive {'DOWN', Ref, _, _, Why} -> normal = Why end || Ref <- Refs].
compile_one(Name) ->
    case compile:file(Name, [return_errors]) of
        {ok, _} -> ok;
        Error -> io:format("~s does not compile: ~p~n", [Name, Error]), halt(1)
    end.

%% Of a program of typed.py: the results, where main/0 writes their hashes.
detail([Name]) -> (list_to_atom(Name)):detail().

%% Reports of processes that die, as some programs do, come at any time: none.
main(Names) ->
    logger:set_primary_config(level, none),
    lists:foreach(fun one/1, Names).
one(Name) ->
    io:format("== ~s~n", [Name]),
    {Pid, Ref} = spawn_monitor(list_to_atom(Name), main, []),
    receive {'DOWN', Ref, _, _, Why} -> io:format("-- ~w~n", [Why])
    after 30000 -> exit(Pid, kill), io:format("-- takes too long~n")
    end.
"""
ENVIRONMENT = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8")


def run(command, cwd, seconds, jit=None):
    environment = dict(ENVIRONMENT, LINTEL_JIT=jit) if jit else ENVIRONMENT
    try:
        done = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds)
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
    parser.add_argument("--rounds", type=int, default=10**9, help="at most so many rounds, each with --each programs of every family")
    parser.add_argument("--seconds", type=int, help="begin no round after this time (default: 30, or without end with --rounds)")
    parser.add_argument("--each", type=int, default=1, help="programs of a family in a round, which one VM runs; each has a seed of its own")
    parser.add_argument("--jit", default="", help="engines to run them with, as LINTEL_JIT takes them, separated by commas (default: the environment's)")
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

    code, out, err = run(["erlc", "gen_run.erl"], build, 60)
    if code != 0:
        sys.exit(f"gen_run.erl does not compile\n{text(out)}{text(err)}")

    engines = arguments.jit.split(",")
    seconds = arguments.seconds or (30 if arguments.rounds == 10**9 else 10**9)
    start = time.monotonic()
    programs = differ = 0
    long, crashed = set(), set()
    for first in range(arguments.seed, arguments.seed + arguments.rounds * arguments.each, arguments.each):
        if time.monotonic() - start > seconds:
            break
        names = {f"{family}_{seed}": (family, seed) for seed in range(first, first + arguments.each) for family in families}
        for name, (family, seed) in names.items():
            (build / f"{name}.erl").write_text(typed.typed(name, seed) if family == "typed" else generate.module(family, name, seed))

        def erl(function, compiles, names=names):
            listed = ",".join(f'"{n}"' for n in names)
            calls = f"L = [{listed}], {'gen_run:compile(L), ' if compiles else ''}gen_run:{function}(L), halt()."
            return run(["erl", "-noshell", "-kernel", "logger_level", "none", "-eval", "io:setopts([{encoding,unicode}]), " + calls], build, 120 + len(names))

        def lintel_run(function, jit, names=names):
            return run([lintel, "run", "-pa", ".", "-m", "gen_run", "-f", function, "--"] + list(names), build, arguments.timeout + len(names), jit)

        code, out, err = erl("main", True)
        while code != 0 and parts(out):  # a program that ends erl itself, as OTP 25 does now and then, is left out
            name = list(parts(out))[-1]
            print(f"erl ends with {code} in {build / name}.erl: {' '.join(text(err).split())[:200]}", flush=True)
            crashed.add(name)
            del names[name]
            code, out, err = erl("main", False, names)
        if code != 0:
            print(f"FAIL seed {first}: erl ends with {code}\n{text(out)[-2000:]}{text(err)[-2000:]}")
            return 1
        expected = parts(out)
        programs += len(names)
        bad = set()
        for jit in engines:
            code, out, err = lintel_run("main", jit)
            actual = parts(out)
            engine = f" --jit {jit}" if jit else ""
            for name, (family, seed) in names.items():
                if name not in expected:
                    print(f"FAIL {name}: erl itself wrote nothing")
                    bad.add(name)
                elif expected[name].endswith("-- takes too long\n"):
                    long.add(name)
                elif expected[name] != actual.get(name):
                    bad.add(name)
                    print(f"FAIL --family {family} --seed {seed}{engine}: {build / name}.erl", flush=True)
                    pair = expected[name], actual.get(name, "")
                    if family == "typed" and code == 0:
                        pair = text(erl("detail", False, [name])[1]), text(lintel_run("detail", jit, [name])[1])
                    show(pair[0].splitlines(), pair[1].splitlines(), arguments.lines)
            if code != 0:
                print(f"FAIL seed {first}{engine}: exit status {code}\n" + "\n".join(text(err).splitlines()[-15:]), flush=True)
                bad.add(f"seed {first}")
        differ += len(bad)
        for name in names:
            for file in [] if name in bad else [build / f"{name}.beam", build / f"{name}.erl"]:
                file.unlink(missing_ok=True)
    left_out = (f", {len(long)} took erl too long" if long else "") + (f", {len(crashed)} ended erl" if crashed else "")
    print(f"{programs} programs, {differ} differ{left_out}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
