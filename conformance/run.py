#!/usr/bin/env python3
"""Runs OTP's own test suites on a VM, each case in a VM of its own, and compares with the release's real `erl`.

    lintel conformance [OPTION…] [SUITE[:CASE] | AREA | @FILE | !SUITE[:CASE]]…        conformance/run.py is the same

    lintel conformance tuple_SUITE hash_SUITE:test_basic
    lintel conformance --engine off,lazy,eager --jobs 2 emulator --html results.html
    lintel conformance --vm /opt/other/bin/erl stdlib/lists_SUITE
    lintel conformance --otp 27 kernel --results 27.json
    lintel conformance --again 27.json --otp 27

AREA: emulator, stdlib, kernel, compiler (these if nothing is named), or another application of OTP that has suites; @FILE: names, one in a line; !: not these. The
suites come from Debian's source package of the release (fetch_sources.sh), and are compiled by the reference's erlc into --build; nothing of it is committed. A
verdict is pass, fail, skip (by the suite itself), crash (the VM ended before the case did), timeout, or unsteady: worse than the reference at first, and right when
it ran again alone. Exit status 1: some case that passes on the reference does not here, or one that is in skip.toml passes; 2: it could not run; 3: the suites could not be fetched.
"""

import sys

if sys.version_info < (3, 11):
    print("conformance: Python 3.11 is needed", file=sys.stderr)
    sys.exit(2)

import argparse
import os
import pathlib
import signal
import tempfile
import traceback

import judging
import page
import reports
import results as R
import skips
from suites import HERE, ROOT, Broken, Release, Suites, build_folder
from vms import Surroundings, Vm

ENGINES = ["off", "lazy", "eager"]
# What a VM is called where it has no engines to choose from.
ONLY = "vm"


def names_of_file(path):
    try:
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as why:
        raise Broken(str(why))
    return [word for line in lines for word in line.partition("#")[0].split()]


def places_of(name, suites):
    """[(area, suite, case or "")] that a name of the command line means."""
    whole, _, case = name.partition(":")
    area, _, suite = whole.rpartition("/")
    if whole in suites.areas() and not case:
        return [(whole, s, "") for s in suites.named(whole)]
    places = [(a, suite, case) for a in suites.areas() if area in ("", a) and suite in suites.named(a)]
    if not places:
        raise Broken(f"{name}: no such suite")
    # Other applications have suites of the same names.
    return [p for p in places if p[0] in suites.default_areas()] or places


def places_of_all(names, suites):
    is_all = all(n.startswith("!") for n in names)
    names = [n for name in names for n in (names_of_file(name[1:]) if name.startswith("@") else [name])]
    without = [place for name in names if name.startswith("!") for place in places_of(name[1:], suites)]
    wanted = suites.default_areas() if is_all else [n for n in names if not n.startswith("!")]
    chosen = [place for name in wanted for place in places_of(name, suites)]
    return list(dict.fromkeys(chosen)), without


def prepare(places, suites):
    for area in dict.fromkeys(a for a, _, _ in places):
        suites.prepare(area, sorted({s for a, s, _ in places if a == area}))


def wanted_cases(places, without, kept, vm):
    """The cases that are named, as `vm` lists them, and {suite: names of all its cases}."""
    found, listed = [], {}
    for area, suite, case in places:
        try:
            of_suite = kept.cases(vm, area, suite)
        except Broken as why:
            print(f"conformance: {why}", file=sys.stderr)
            continue
        listed.setdefault(suite, set()).update(c.name for c in of_suite)
        matching = [c for c in of_suite if case in ("", c.name)]
        if not matching:
            raise Broken(f"{suite}:{case}: no such case")
        found += matching
    not_these = set(without)
    for area, suite, case in without:
        if case and suite in listed and case not in listed[suite]:
            raise Broken(f"!{suite}:{case}: no such case")
    return [c for c in dict.fromkeys(found) if not {(c.area, c.suite, ""), (c.area, c.suite, c.name)} & not_these], listed


def vms_of(options, suites, surroundings):
    """{column: Vm}."""
    first = Vm(options.vm, suites, surroundings)
    if options.engine is None:
        return {ONLY: first}
    if "[lintel-" not in first.version:
        raise Broken(f"--engine: {options.vm} is {first.version}, which has no engines that LINTEL_JIT chooses from")
    return {engine: Vm(options.vm, suites, surroundings, engine) for engine in options.engine}


def skips_of(options, release, vm):
    """The list is Lintel's own, unless another is given."""
    path = options.skip or (str(HERE / "skip.toml") if "[lintel-" in vm.version and not options.suites else None)
    return (skips.read(path, release.otp) if path else {}), path


def entry_of(case, skip, reference, runs):
    entry = {"area": case.area, "suite": case.suite, "groups": list(case.groups), "case": case.name}
    if skip is not None:
        entry["skip"] = skip
    if reference is not None:
        entry["reference"] = {k: v for k, v in reference.items() if k != "limit"}
    entry["runs"] = {column: dict(run) for column, run in runs.items()}
    # Logs of what is right are of no use.
    for column, run in entry["runs"].items():
        if run["verdict"] in ("pass", "skip") and not R.differs(entry, column):
            run.pop("log", None)
    if reference is not None and not any(R.differs(entry, column) for column in runs):
        entry["reference"].pop("log", None)
    return entry


def run(options):
    """Runs what the options say: the results."""
    build = pathlib.Path(options.build).resolve()
    release = Release(options.otp, options.reference, build_folder())
    suites = Suites(release, build, options.jobs, options.suites and pathlib.Path(options.suites).resolve())
    with tempfile.TemporaryDirectory(prefix="conformance", ignore_cleanup_errors=True) as folder:
        surroundings = Surroundings(pathlib.Path(folder).resolve(), release)
        try:
            vms = vms_of(options, suites, surroundings)
            vm = next(iter(vms.values()))
            reference = Vm(release.erl, suites, surroundings)
            skipped, path = skips_of(options, release, vm)
            names = options.names
            if options.again:
                stored = R.load(options.again)
                worse = {(e["area"], e["suite"], e["case"]) for e in stored["cases"] if any(R.is_worse(e, c) for c in e["runs"])}
                if not worse:
                    raise Broken(f"{options.again}: there is nothing in it to run again")
                places, without = sorted(worse), places_of_all([n for n in names if n.startswith("!")], suites)[1]
            else:
                places, without = places_of_all(names, suites)
            prepare(places, suites)
            kept = judging.Kept(suites, reference.version, options.limit, options.fresh_reference)
            cases, listed = wanted_cases(places, without, kept, reference)
            wrong = skips.unknown(skipped, suites, listed)
            if wrong is not None:
                raise Broken(f"{path}: {wrong}")
            judge = judging.Judge(options.limit, options.jobs, options.retries, skipped)
            theirs = None if options.no_reference else kept.run(judging.Judge(options.limit, options.jobs, options.retries, {}), reference, cases)
            ours = {column: judge.run(v, cases, column, theirs) for column, v in vms.items()}
        finally:
            surroundings.close()
    entries = [entry_of(c, skips.reason(skipped, c), theirs and theirs[c], {column: ours[column][c] for column in ours}) for c in cases]
    return {"format": R.FORMAT, "otp": release.otp, "vm": vm.version, "reference": None if theirs is None else reference.version, "columns": list(vms),
            "cases": entries}


def engines_of(text):
    chosen = text.split(",")
    for engine in chosen:
        if engine not in ENGINES:
            raise argparse.ArgumentTypeError(f"{engine}: no such engine; there are {', '.join(ENGINES)}")
    return list(dict.fromkeys(chosen))


def number_from(least):
    def parsed(text):
        if not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text}: is no number from {least} on")
        return int(text)
    return parsed


def arguments():
    parser = argparse.ArgumentParser(prog="lintel conformance", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="SUITE[:CASE] | AREA | @FILE | !…")
    parser.add_argument("--vm", default=f"{ROOT / 'build/release/tools/lintel'} erl", metavar="CMD", help="the command that is the VM's `erl` (default: this Lintel)")
    parser.add_argument("--engine", "--jit", type=engines_of, metavar="off,lazy,eager", help="of Lintel: run with each of these engines (default: as LINTEL_JIT says)")
    parser.add_argument("--otp", choices=["25", "27", "29"], help="the release whose suites these are (default: the installed one's)")
    parser.add_argument("--reference", default="erl", metavar="ERL", help="the release's own `erl`; its erlc lies beside it")
    parser.add_argument("--fresh-reference", action="store_true", help="run the reference again, though its results are kept in --build")
    parser.add_argument("--no-reference", action="store_true", help="compare with nothing: all is to pass")
    parser.add_argument("--suites", metavar="DIR", help="suites of your own, in place of OTP's")
    parser.add_argument("--skip", metavar="FILE", help="cases that cannot apply, with reasons (default: for Lintel its own skip.toml)")
    parser.add_argument("--build", default=str(build_folder() / "conformance"), metavar="DIR", help="where sources, compiled suites and the reference's results go")
    parser.add_argument("--jobs", type=number_from(1), default=os.cpu_count(), metavar="N", help="cases at a time (default: one for each processor)")
    parser.add_argument("--limit", type=number_from(1), default=120, metavar="S", help="seconds that a case may take (default: 120)")
    parser.add_argument("--retries", type=number_from(0), default=2, metavar="N", help="how often what is worse than the reference runs again, alone (default: 2)")
    parser.add_argument("--again", metavar="FILE", help="run what was worse in these stored results")
    parser.add_argument("--from", dest="stored", metavar="FILE", help="run nothing: report these stored results")
    parser.add_argument("--results", metavar="FILE", help="store the results, as JSON")
    parser.add_argument("--junit", metavar="FILE", help="write JUnit's XML")
    parser.add_argument("--html", metavar="FILE", help="write a page")
    parser.add_argument("--summary", metavar="FILE", help="write a summary in Markdown")
    parser.add_argument("--log", action="store_true", help="show what cases that are worse have printed")
    return parser.parse_args()


def report(results, options):
    """Tells and writes; the exit status."""
    print(reports.text(results))
    if options.log:
        for entry in results["cases"]:
            for column in results["columns"]:
                if R.is_worse(entry, column):
                    print(f"\n---- {R.label(entry)} [{column}]: {entry['runs'][column]['reason']}\n{entry['runs'][column].get('log', '')}")
    for path, write in ((options.results, R.store), (options.junit, reports.junit), (options.html, page.write), (options.summary, reports.summary)):
        if path:
            write(results, path)
    wrong = any(R.is_needless_skip(e) or any(R.is_worse(e, c) for c in e["runs"]) for e in results["cases"])
    return 1 if wrong or not results["cases"] else 0


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, interrupt)
    try:
        return report(R.load(options.stored) if options.stored else run(options), options)
    except (Broken, OSError) as why:
        print(f"conformance: {why}", file=sys.stderr)
        return getattr(why, "status", 2)
    except KeyboardInterrupt:
        print("conformance: interrupted", file=sys.stderr)
        return 130
    except Exception:  # a fault of this program, which is not to be taken for one of the VM
        traceback.print_exc()
        return 2


if __name__ == "__main__":
    sys.exit(main())
