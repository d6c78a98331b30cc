#!/usr/bin/env python3
"""docs/bifs.md and docs/opcodes.md from the tables, docs/api from the public headers (tools/api_docs.py).

    tools/gen_docs.py           writes them
    tools/gen_docs.py --check   fails if a page is not what it would write
    tools/gen_docs.py --tests   lists the BIFs that no test calls: a report, it never fails

Sources: stdlib/bifs/*.def, the comment above each BIF's function, loader/genop.def, vm/ops.def, and tools/otp_bifs.txt, the
names of OTP's BIFs; include/lintel.
"""
import pathlib
import re
import sys

import api_docs

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEAD = "<!-- Written by tools/gen_docs.py from {}. Do not edit. -->\n"


def bif_rows():
    """(module, function, arity, C++ function, flags, family) of every row."""
    rows = []
    for path in sorted((ROOT / "stdlib/bifs").glob("*.def")):
        for m in re.finditer(r'^BIF\("([^"]*)", "([^"]*)", (\d+), (\w+), ([^)]*)\)', path.read_text(), re.MULTILINE):
            rows.append((m[1], m[2], int(m[3]), m[4], m[5].replace(" ", "").split("|"), path.stem))
    return sorted(rows)


def doc_lines():
    """What the comment right above a BIF's function says, by the function's name."""
    docs = {}
    for path in sorted((ROOT / "stdlib").rglob("*.cpp")):
        comment = []
        for line in path.read_text().splitlines():
            if line.startswith("///"):
                comment.append(line[3:].strip())
                continue
            m = re.match(r"Term (\w+)\(ExecState&", line)
            if m and comment:
                docs[m[1]] = " ".join(comment)
                # "/// module:name/1,2: …" speaks for both.
                several = re.match(r"\w+:\w+/(\d(?:,?\s*(?:and\s+)?/?\d)+)\b", docs[m[1]])
                for arity in re.findall(r"\d", several[1]) if several else []:
                    docs.setdefault(re.sub(r"\d$", arity, m[1]), docs[m[1]])
            comment = []
    return docs


def first_sentence(name, text):
    text = re.sub(r"^(the BIF )?" + re.escape(name.rsplit("/", 1)[0]) + r"/\d(,?\s*(and\s+)?/?\d\b)*[:.,]?\s*", "", text)
    sentence = re.split(r"(?<=[.;])\s", text)[0].rstrip(".;")
    return "" if sentence.startswith("Fails:") else sentence.replace("|", "\\|")


def code(text):
    return f"`{text}`" if "|" not in text else "`" + text.replace("|", "\\|") + "`"


def otp_bifs():
    rows = {}
    for line in (ROOT / "tools/otp_bifs.txt").read_text().splitlines():
        if not line.startswith("#"):
            name, releases = line.rsplit(" ", 1)
            rows[name] = releases
    return rows


def bifs_page():
    rows, docs, otp = bif_rows(), doc_lines(), otp_bifs()
    names = {f"{m}:{f}/{a}" for m, f, a, *_ in rows}
    counts = {r: sum(r in v.split(",") and n in names for n, v in otp.items()) for r in ("25", "27", "29")}
    totals = {r: sum(r in v.split(",") for v in otp.values()) for r in ("25", "27", "29")}
    out = [HEAD.format("stdlib/bifs/*.def"), "# BIFs\n"]
    out.append(f"{len(rows)} functions are part of the VM. Of OTP's BIFs Lintel has "
               + ", ".join(f"{counts[r]} of {totals[r]} (OTP {r})" for r in counts) + ".\n")
    out.append("*guard*: legal in guards. *pure*: the result depends on the arguments alone. *bare*: stands in for OTP code in the "
               "bare profile. OTP: the releases (of 25, 27, 29) whose emulator has it; –: ours, or Erlang code or a NIF there.\n")
    module = None
    for m, f, a, cpp, flags, family in rows:
        if m != module:
            out.append(f"\n## {m}\n\n| BIF | flags | OTP | family | |\n|---|---|---|---|---|")
            module = m
        name = f"{m}:{f}/{a}"
        words = ", ".join(w[1:].lower() for w in flags if w not in ("kNone", "0"))
        out.append(f"| {code(f'{f}/{a}')} | {words} | {otp.get(name, '–').replace(',', ' ')} | {family} "
                   f"| {first_sentence(name, docs.get(cpp, ''))} |")
    missing = {}
    for name, releases in otp.items():
        if name not in names:
            missing.setdefault(name.split(":")[0] or ":", []).append((name, releases))
    out.append("\n## OTP has, Lintel has not\n\nA call of one raises `undef`; `lintel check` finds such calls.\n")
    for m, entries in sorted(missing.items()):
        text = ", ".join(code(n[len(m) + 1:]) + ("" if r == "25,27,29" else f" ({r.replace(',', ' ')})") for n, r in entries)
        out.append(f"- **{m}**: {text}")
    return "\n".join(out) + "\n"


def opcodes_page():
    out = [HEAD.format("loader/genop.def and vm/ops.def"), "# Instructions\n"]
    text = (ROOT / "loader/genop.def").read_text()
    out.append("## In files\n\nOne row per opcode that OTP ever defined; the signature letters are explained at the top of "
               "`loader/genop.def`.\n")
    legend, comment = text.split("\n// ----", 1)[0], []
    assert "Flags:" in legend
    for line in text.splitlines():
        section = re.match(r"// -+ (.*?) ?-+$", line)
        row = re.match(r'GENOP\((\d+), (\w+), (\d+), "([^"]*)", (\d+), ([^)]*)\)', line)
        if section:
            out.append(f"\n### {section[1]}\n\n| | name | operands | OTP | flags | |\n|---|---|---|---|---|---|")
            comment = []
        elif row:
            flags = ", ".join(w.strip()[3:].lower() for w in row[6].split("|") if w.strip() != "0")
            out.append(f"| {row[1]} | {code(row[2].rstrip('_'))} | {code(row[4]) if row[4] else ''} | {row[5]} | {flags} "
                       f"| {' '.join(comment).replace('|', chr(92) + '|')} |")
            comment = []
        elif line.startswith("// "):
            comment.append(line[3:].strip())
        else:
            comment = []
    out.append("\n## In the interpreter\n\nWhat functions are lowered to on their first call. Field kinds: top of `vm/ops.def`.\n")
    begun = False
    for line in (ROOT / "vm/ops.def").read_text().splitlines():
        section = re.match(r"// ---- (.*)", line)
        row = re.match(r"OP\((\w+), (.*), ([^,]*)\)$", line)
        fused = re.match(r"FUSED\d\((.*)\)$", line)
        if fused and begun:
            out.append(f"| {' + '.join(code(part.strip().rstrip('_')) for part in fused[1].split(','))} | | one dispatch |")
        if section:
            begun = True
            out.append(f"\n### {section[1].strip(' -').capitalize()}\n\n| operation | fields | flags |\n|---|---|---|")
        elif row and begun:
            flags = ", ".join(w.strip()[1:].lower() for w in row[3].split("|") if w.strip() != "0")
            out.append(f"| {code(row[1].rstrip('_'))} | {code(row[2].strip()) if row[2].strip() else ''} | {flags} |")
    return "\n".join(out) + "\n"


# ---- which BIFs a test calls

def calls_in(text):
    """{(module or None, function, arity)} of calls and `fun M:F/A` in Erlang source; strings and comments are left out."""
    text = re.sub(r'"(?:\\.|[^"\\])*"', '""', text)
    text = re.sub(r"\$\\?.", "0", text)
    text = re.sub(r"%.*", "", text)
    found = set()
    for m in re.finditer(r"(?:\b(\w+):)?(?<![\w?])([a-z]\w*)/(\d+)", text):
        found.add((m[1], m[2], int(m[3])))
    for m in re.finditer(r"(?:\b([a-z]\w*):)?(?<![\w?#])([a-z]\w*|'[^']+')\(", text):
        depth, commas, at, empty = 1, 0, m.end(), True
        while at < len(text) and depth > 0:
            c = text[at]
            if c in "([{":
                depth += 1
            elif c in ")]}":
                depth -= 1
            elif c == "," and depth == 1:
                commas += 1
            elif text.startswith("<<", at):
                depth, at = depth + 1, at + 1
            elif text.startswith(">>", at) and depth > 1:
                depth, at = depth - 1, at + 1
            if not c.isspace() and depth > 0:
                empty = False
            at += 1
        found.add((m[1], m[2].strip("'"), 0 if empty else commas + 1))
    return found


def untested():
    calls, sources = set(), []
    for folder in ("tests", "examples"):
        for path in (ROOT / folder).rglob("*.erl"):
            sources.append(path.read_text())
            calls |= calls_in(sources[-1])
    calls |= calls_in((ROOT / "tests/run_cli.py").read_text())
    # The programs of tests/erl/bifs call functions that they name as data.
    tables = [set(re.findall(r"\w+", path.read_text())) for path in (ROOT / "tests/erl/bifs").glob("*.erl")]
    unit = "\n".join(p.read_text() for p in (ROOT / "tests/unit").rglob("*.cpp"))
    everything = "\n".join(sources)
    for module, function, arity, cpp, *_ in bif_rows():
        if (module, function, arity) in calls or (module == "erlang" and (None, function, arity) in calls):
            continue
        if any(module in words and function in words for words in tables):
            continue
        if not re.match(r"[a-z]\w*$", function) and re.search(r"[\s\w)]" + re.escape(function) + r"[\s\w(]", everything):
            continue
        if re.search(rf'"{module}", "{re.escape(function)}"', unit) or re.search(rf"\b{cpp}\b", unit):
            continue
        yield f"{module}:{function}/{arity}"


def main():
    if "--tests" in sys.argv:
        names = list(untested())
        for name in names:
            print(name)
        print(f"gen_docs: no test names {len(names)} of {len(bif_rows())} BIFs")
        return 0
    stale = 0
    try:
        pages = {"docs/bifs.md": bifs_page(), "docs/opcodes.md": opcodes_page()} | api_docs.pages(ROOT, HEAD)
    except api_docs.Undocumented as error:
        print(f"{error}\ngen_docs: headers that do not say all")
        return 1
    for name, text in pages.items():
        path = ROOT / name
        if "--check" not in sys.argv:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"{name} is stale: run tools/gen_docs.py")
            stale += 1
    broken = list(api_docs.broken_links(ROOT))
    for link in broken:
        print(f"{link}: there is no such place")
    if "--check" in sys.argv:
        print(f"gen_docs: {stale} stale pages, {len(broken)} broken links")
    return 1 if stale or broken else 0


if __name__ == "__main__":
    sys.exit(main())
