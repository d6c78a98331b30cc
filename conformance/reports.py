"""What is told of results: as text, as JUnit's XML, and as a summary for docs/compat.md. The page is page.py's."""

import collections
import xml.etree.ElementTree as ET

import results as R


def counts_by(results, key):
    """{key(entry): {column: [passed, of those that count, crashes, timeouts]}} and how many cases each has."""
    table = collections.defaultdict(lambda: {c: [0, 0, 0, 0] for c in results["columns"]})
    cases = collections.Counter()
    for entry in results["cases"]:
        cases[key(entry)] += 1
        row = table[key(entry)]
        for column in results["columns"]:
            verdict = entry["runs"][column]["verdict"]
            if R.is_wanted(entry):
                row[column][0] += verdict in R.PASSES
                row[column][1] += 1
                row[column][2] += verdict == "crash"
                row[column][3] += verdict == "timeout"
    return table, cases


def percent(passed, of):
    """Rounded so that only all is 100."""
    return "–" if of == 0 else "100 %" if passed == of else f"{min(1000 * passed // of, 999) / 10:.1f} %"


def of_what(results):
    return "cases that pass on the reference" if results["reference"] else "cases"


# ---- text

def text(results):
    """What differs, then the sums."""
    lines = []
    for entry in results["cases"]:
        for column in results["columns"]:
            run, other = entry["runs"][column], entry.get("reference")
            if "skip" in entry or not (R.differs(entry, column) or run["verdict"] == "unsteady"):
                continue
            beside = f" ({other['verdict']} on the reference)" if other is not None and R.differs(entry, column) else ""
            lines.append(f"{R.label(entry)} [{column}]: {run['verdict']}{beside}: {run['reason'][:300]}")
        if R.is_needless_skip(entry):
            lines.append(f"{R.label(entry)}: passes, and is in skip.toml: {entry['skip']}")
    table, _ = counts_by(results, lambda e: e["area"])
    for area, row in sorted(table.items()):
        for column, (passed, of, _, _) in row.items():
            lines.append(f"{area} [{column}]: {passed} of {of} {of_what(results)} pass ({percent(passed, of)})")
    lines += [f"conformance [{column}]: {R.sums(results, column)}" for column in results["columns"]]
    return "\n".join(lines)


# ---- JUnit

def clean(string):
    """What XML 1.0 can hold."""
    return "".join(c if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "?" for c in string)


def junit(results, path):
    """A failure or an error is what makes the exit status 1; what fails on the reference, too, counts as skipped, and says so."""
    root = ET.Element("testsuites", name=f"conformance OTP {results['otp']}")
    groups = collections.defaultdict(list)
    for entry in results["cases"]:
        for column in results["columns"]:
            groups[entry["area"], entry["suite"], column].append(entry)
    for (area, suite, column), entries in groups.items():
        element = ET.SubElement(root, "testsuite", name=f"{area}.{suite} [{column}]")
        counts = collections.Counter()
        for entry in entries:
            run, other = entry["runs"][column], entry.get("reference")
            case = ET.SubElement(element, "testcase", classname=f"{area}.{suite}.{column}", name="/".join([*entry["groups"], entry["case"]]), time=str(run["seconds"]))
            log = clean(run["reason"] + "\n\n" + run.get("log", ""))
            if "skip" in entry and run["verdict"] in R.PASSES:
                kind, message = "failure", f"passes, and is in skip.toml: {entry['skip']}"
            elif "skip" in entry:
                kind, message = "skipped", entry["skip"]
            elif R.is_worse(entry, column):
                kind, message = "error" if run["verdict"] in ("crash", "timeout") else "failure", f"{run['verdict']}: {run['reason'][:500]}"
            elif run["verdict"] == "unsteady":
                ET.SubElement(case, "system-out").text = log
                continue
            elif run["verdict"] == "pass":
                continue
            else:
                beside = f", on the reference {other['verdict']}" if other is not None else ""
                kind, message = "skipped", f"{run['verdict']}{beside}: {run['reason'][:500]}"
            counts[kind] += 1
            told = ET.SubElement(case, kind, message=clean(message))
            if kind != "skipped":
                told.text = log
        element.set("tests", str(len(entries)))
        for attribute, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            element.set(attribute, str(counts[kind]))
        element.set("time", f"{sum(e['runs'][column]['seconds'] for e in entries):.2f}")
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


# ---- the summary

def cell(string, most=160):
    """In a table of Markdown."""
    line = " ".join(string.split())
    line = line if len(line) <= most else line[:most - 1] + "…"
    return "`" + line.replace("`", "'").replace("|", "\\|") + "`" if line else ""


def rows(results, table, cases, name):
    for key in sorted(table):
        fields = [name(key), str(cases[key])]
        for column in results["columns"]:
            passed, of, crashes, timeouts = table[key][column]
            ends = ", ".join(f"{n} {what}" for n, what in ((crashes, "crash"), (timeouts, "time-out")) if n)
            fields.append(f"{passed} of {of}" + (f" ({percent(passed, of)})" if passed != of else "") + (f"; {ends}" if ends else ""))
        yield "| " + " | ".join(fields) + " |"


def header(results, first):
    names = [first, "cases", *results["columns"]]
    return ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]


def summary(results, path):
    """By area and by suite; what is worse; what is in skip.toml."""
    lines = [f"## OTP {results['otp']}", "",
             f"{len(results['cases'])} cases of OTP's own suites on {results['vm']}"
             + (f", beside {results['reference']}. A column has how many pass of those that pass there." if results["reference"] else ", without a reference."), ""]
    lines += [*header(results, "area"), *rows(results, *counts_by(results, lambda e: e["area"]), str), ""]
    lines += [*header(results, "suite"), *rows(results, *counts_by(results, lambda e: (e["area"], e["suite"])), "/".join), ""]
    worse = [(e, [c for c in results["columns"] if R.is_worse(e, c)]) for e in results["cases"]]
    worse = [(e, columns) for e, columns in worse if columns]
    if worse:
        lines += [f"### Worse than the reference: {len(worse)}" if results["reference"] else f"### Wrong: {len(worse)}", "", "| case | on | what |", "|---|---|---|"]
        lines += [f"| {R.label(e)} | {', '.join(columns)} | {e['runs'][columns[0]]['verdict']}: {cell(e['runs'][columns[0]]['reason'])} |" for e, columns in worse]
        lines.append("")
    unsteady = [R.label(e) for e in results["cases"] if any(r["verdict"] == "unsteady" for r in e["runs"].values())]
    if unsteady:
        lines += [f"### Unsteady: {len(unsteady)}", "", "These passed only when they ran again, alone.", "", *[f"* {name}" for name in unsteady], ""]
    skipped = collections.defaultdict(list)
    for entry in results["cases"]:
        if "skip" in entry:
            skipped[entry["skip"]].append(f"{entry['suite']}:{entry['case']}")
    if skipped:
        lines += [f"### Cannot apply: {sum(map(len, skipped.values()))}", "", "| why | cases |", "|---|---|"]
        lines += [f"| {reason} | {', '.join(dict.fromkeys(names))} |".replace("\n", " ") for reason, names in skipped.items()]
        lines.append("")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines).rstrip("\n") + "\n")
