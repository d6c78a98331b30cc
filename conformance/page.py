"""The page of results: one file without links to others, page.html with the results in it."""

import collections
import difflib
import json
import pathlib
import re

import reports
import results as R

TEMPLATE = pathlib.Path(__file__).with_name("page.html")
# Of logs and of differences, so that thousands of cases stay a page that a browser likes.
LOG_BEGIN, LOG_END, DIFFERENCE_LINES = 3_000, 9_000, 300
# What is another in each run.
RANDOM = [(re.compile(r"<\d+\.\d+\.\d+>"), "<PID>"), (re.compile(r"#Ref<[\d.]+>"), "#Ref<…>"), (re.compile(r"#Port<[\d.]+>"), "#Port<…>"), (re.compile(r"#Fun<[^>]+>"), "#Fun<…>"),
          (re.compile(r"\d+-[A-Z][a-z]{2}-\d{4}::[\d:.]+"), "TIME")]


def shortened(log):
    return log if len(log) <= LOG_BEGIN + LOG_END else f"{log[:LOG_BEGIN]}\n…\n{log[-LOG_END:]}"


def lines_of(run):
    text = "\n".join([run["verdict"], run["reason"], "", shortened(run.get("log", ""))])
    for pattern, same in RANDOM:
        text = pattern.sub(same, text)
    return text.splitlines()


def difference(entry, column):
    other = entry.get("reference")
    if other is None or not R.differs(entry, column):
        return ""
    lines = difflib.unified_diff(lines_of(other), lines_of(entry["runs"][column]), "reference", column, lineterm="", n=2)
    return "\n".join(line for _, line in zip(range(DIFFERENCE_LINES), lines))


def row(entry, columns):
    """What page.html knows of a case; names are short, for there are thousands."""
    made = {"a": entry["area"], "s": entry["suite"], "c": "/".join([*entry["groups"], entry["case"]]), "runs": []}
    if entry.get("reference"):
        made["ref"] = {"v": entry["reference"]["verdict"], "t": entry["reference"]["seconds"]}
        if entry["reference"]["verdict"] not in ("pass", "skip"):
            made["ref"] |= {"why": entry["reference"]["reason"], "log": shortened(entry["reference"].get("log", ""))}
    if "skip" in entry:
        made["skip"] = entry["skip"]
    for column in columns:
        run = entry["runs"][column]
        told = {"v": run["verdict"], "t": run["seconds"], "worse": R.is_worse(entry, column), "differs": R.differs(entry, column)}
        if run["verdict"] != "pass" or told["differs"]:
            told |= {"why": run["reason"], "log": shortened(run.get("log", "")), "diff": difference(entry, column)}
        made["runs"].append({k: v for k, v in told.items() if v not in ("", False)})
    return made


def write(results, path):
    columns = results["columns"]
    data = {"otp": results["otp"], "vm": results["vm"], "reference": results["reference"], "columns": columns, "cases": [row(e, columns) for e in results["cases"]]}
    data["sums"] = []
    for column in columns:
        counts = collections.Counter(e["runs"][column]["verdict"] for e in results["cases"])
        wanted = [e for e in results["cases"] if R.is_wanted(e)]
        passed = sum(e["runs"][column]["verdict"] in R.PASSES for e in wanted)
        data["sums"].append({"counts": counts, "passed": passed, "of": len(wanted), "percent": reports.percent(passed, len(wanted))})
    # Nothing in it may end the script that holds it.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    page = TEMPLATE.read_text(encoding="utf-8").replace("OTP_RELEASE", results["otp"]).replace("RESULTS_AS_JSON", text)
    pathlib.Path(path).write_text(page, encoding="utf-8", errors="replace")
