"""Results of a run, as they are stored, and what they mean beside the reference.

    {"format": 1, "otp": "25", "vm": "…", "reference": "…" or null, "columns": ["lazy", …],
     "cases": [{"area", "suite", "groups", "case", "skip"?: reason, "reference"?: RUN, "runs": {column: RUN}}]}

RUN: {"verdict", "reason", "seconds", "log"?}. A verdict is pass, fail, skip (by the suite itself), crash (the VM ended before the case did), timeout, or unsteady: it
was one of these at first, which the reason tells, and passed when it ran again alone.
"""

import collections
import json

from suites import Broken, Case

FORMAT = 1
VERDICTS = ["pass", "unsteady", "fail", "skip", "crash", "timeout"]
PASSES = {"pass", "unsteady"}
# Signals that errors of a VM raise: such an end is not excused by one that is better.
ERRORS = ("signal SIGSEGV", "signal SIGABRT", "signal SIGBUS", "signal SIGILL", "signal SIGFPE", "signal SIGTRAP")


def case_of(entry):
    return Case(entry["area"], entry["suite"], tuple(entry["groups"]), entry["case"])


def label(entry):
    return "/".join([entry["area"], entry["suite"], *entry["groups"], entry["case"]])


def is_worse_than(run, reference):
    """Without a reference everything is to pass, or to be skipped by the suite."""
    if reference is None:
        return run["verdict"] not in PASSES | {"skip"}
    return reference["verdict"] == "pass" and run["verdict"] not in PASSES


def is_worse(entry, column):
    return "skip" not in entry and is_worse_than(entry["runs"][column], entry.get("reference"))


def is_needless_skip(entry):
    return "skip" in entry and any(run["verdict"] in PASSES for run in entry["runs"].values())


def differs(entry, column):
    """From the reference; without one: is it wrong."""
    verdicts = [run["verdict"] for run in (entry["runs"][column], entry.get("reference")) if run is not None]
    verdicts = ["pass" if v == "unsteady" else v for v in verdicts]
    return verdicts[0] != verdicts[1] if len(verdicts) == 2 else is_worse(entry, column)


def is_wanted(entry):
    """Does it count: it passes on the reference, or there is none; and it can apply."""
    return "skip" not in entry and (entry.get("reference") is None or entry["reference"]["verdict"] == "pass")


def store(results, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file, ensure_ascii=False, indent=0)


def load(path):
    try:
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
    except (OSError, ValueError) as why:
        raise Broken(f"{path}: {why}")
    if not isinstance(results, dict) or results.get("format") != FORMAT:
        raise Broken(f"{path}: is not a file of results, of format {FORMAT}")
    return results


def sums(results, column):
    """What is said in the last lines: how many of each verdict, and how many are worse."""
    counts = collections.Counter(e["runs"][column]["verdict"] for e in results["cases"] if "skip" not in e)
    worse = sum(is_worse(e, column) for e in results["cases"])
    skips = sum("skip" in e for e in results["cases"])
    text = ", ".join(f"{counts[v]} {v}" for v in VERDICTS if counts[v]) or "nothing ran"
    return text + (f", {skips} in skip.toml" if skips else "") + f"; {worse} " + ("worse than the reference" if results["reference"] else "wrong")
