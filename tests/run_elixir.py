#!/usr/bin/env python3
"""Differential tests in Elixir: programs of tests/elixir/<area>/ and examples/elixir/ run on Lintel and on real `elixir`.

A test is a file whose module with `def main do` is run: what it writes to stdout, and its exit status, must be the same on both.
A file NAME.in beside it is its standard input; what follows `# arguments:` in its text are its arguments; with `# stderr` on a
line of its own the standard error must be the same too. Programs print no pids, references or times. tests/elixir/skip.txt
lists what is known to differ, as `area/name: reason`. What `elixir` printed is kept in the build folder until the area or this
script changes. Without an installed Elixir nothing is run. The last line is 'N passed, N failed', with ', N skipped' if any.
"""

import argparse
import difflib
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys

from comparison import run_all
from run_erl import ENVIRONMENT, ROOT, read_skips, run, text, without_reports

TIMEOUT = 60
MAIN = re.compile(r"^defmodule ([\w.]+) do(?:(?!^defmodule ).)*?^  def main do", re.MULTILINE | re.DOTALL)
ARGUMENTS = re.compile(r"^# arguments: *(.*)$", re.MULTILINE)
STDERR = re.compile(r"^# stderr$", re.MULTILINE)


def areas():
    """(area name, its .ex files) for each folder of tests/elixir, and examples/elixir."""
    folders = [(f.name, f) for f in sorted((ROOT / "tests" / "elixir").iterdir()) if f.is_dir()]
    folders.append(("examples/elixir", ROOT / "examples" / "elixir"))
    return [(name, sorted(folder.glob("*.ex"))) for name, folder in folders]


def compile_area(files, out):
    """Compiles all if any changed, since one module may be a macro or a protocol of another; complaints, or None."""
    key = hashlib.sha256()
    for file in files:
        key.update(file.name.encode() + file.read_bytes())
    mark = out / "compiled"
    if mark.exists() and mark.read_text() == key.hexdigest():
        return None
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    done = subprocess.run(["elixirc", "-o", str(out)] + [f.name for f in files], cwd=files[0].parent, env=ENVIRONMENT,
                          capture_output=True, text=True)
    if done.returncode != 0:
        return done.stdout + done.stderr
    mark.write_text(key.hexdigest())
    return None


def run_with_input(command, source, cwd):
    stdin = source.with_suffix(".in")
    return run(command, cwd, stdin.read_bytes() if stdin.exists() else b"", TIMEOUT)


def expected_result(module, arguments, source, beams):
    """(status, stdout, stderr) of real elixir, from the build folder if nothing changed since it was asked."""
    key = hashlib.sha256(pathlib.Path(__file__).read_bytes() + (beams / "compiled").read_bytes())
    stdin = source.with_suffix(".in")
    if stdin.exists():
        key.update(stdin.read_bytes())
    kept = beams / f"{source.stem}-{key.hexdigest()[:16]}"
    if kept.with_suffix(".status").exists():
        return (int(kept.with_suffix(".status").read_text()), kept.with_suffix(".stdout").read_bytes(),
                kept.with_suffix(".stderr").read_bytes())
    # A process of its own, without elixir's evaluator below it in stack traces.
    program = (f"{{_, r}} = spawn_monitor({module}, :main, []); receive do {{:DOWN, ^r, _, _, why}} -> "
               "case why do :normal -> :ok; {e, [_ | _] = s} -> :erlang.raise(:error, e, s); e -> exit(e) end end")
    status, out, err = run_with_input(["elixir", "--erl", "-kernel logger_level none", "-pa", str(beams), "-e", program, "--"] + arguments,
                           source, beams)
    if isinstance(status, int):
        kept.with_suffix(".stdout").write_bytes(out)
        kept.with_suffix(".stderr").write_bytes(err)
        kept.with_suffix(".status").write_text(str(status))
    return status, out, err


def test(lintel, source, beams):
    """None if both did the same, or else what differs."""
    program = source.read_text()
    module = MAIN.search(program).group(1)
    arguments = ARGUMENTS.search(program)
    arguments = arguments.group(1).split() if arguments else []
    expected = expected_result(module, arguments, source, beams)
    actual = run_with_input([lintel, "run", "-pa", str(beams), "-m", "Elixir." + module, "--"] + arguments, source, beams)
    streams = [("stdout", without_reports(expected[1]), without_reports(actual[1]))]
    if STDERR.search(program):
        # The last frames are those of whoever ran main on the real elixir.
        wanted = re.sub(rb"^    \(.*(erl_eval\.erl|Code\.validated_eval).*\n", b"", expected[2], flags=re.MULTILINE)
        streams.append(("stderr", wanted, actual[2]))
    complaints = []
    if actual[0] != expected[0]:
        complaints.append(f"exit status {actual[0]}, elixir has {expected[0]}")
        complaints += text(actual[2]).splitlines()[-15:]
    for name, wanted, got in streams:
        complaints += list(difflib.unified_diff(text(wanted).splitlines(), text(got).splitlines(), f"elixir {name}",
                                                f"lintel {name}", lineterm="", n=1))[:60]
    return "\n".join(complaints) or None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "quick" / "tools" / "lintel"), help="the program")
    parser.add_argument("--build", default=str(ROOT / "build" / "elixir_tests"), help="folder for compiled modules")
    parser.add_argument("--filter", default="", help="only tests whose area/name contains this")
    parser.add_argument("--all", action="store_true", help="also run what skip.txt lists")
    options = parser.parse_args()
    if not shutil.which("elixirc"):
        print("no elixirc on this machine\n0 passed, 0 failed")
        return 0
    lintel = str(pathlib.Path(options.lintel).resolve())
    build = pathlib.Path(options.build).resolve()
    skips = {} if options.all else read_skips(ROOT / "tests" / "elixir" / "skip.txt")

    jobs, failed = [], 0
    for area, files in areas():
        chosen = [f for f in files if options.filter in f"{area}/{f.stem}" and MAIN.search(f.read_text())]
        if not chosen:
            continue
        complaints = compile_area(files, build / area)
        if complaints:
            print(f"FAIL {area}: does not compile\n{complaints}")
            failed += len(chosen)
            continue
        jobs += [(f"{area}/{f.stem}", test, lintel, f, build / area) for f in chosen]
    return run_all(jobs, skips, failed)


if __name__ == "__main__":
    sys.exit(main())
