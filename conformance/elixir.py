"""Elixir's own tests as an area: its applications are the suites, and a file of tests is a case, which passes if all its tests do."""

import hashlib
import pathlib
import re
import shutil

AREA = "elixir"
APPLICATIONS = ["eex", "elixir", "ex_unit", "iex", "logger", "mix"]
# Loaded machines are slow: tests wait this long for messages.
VARIABLES = {"ELIXIR_ASSERT_TIMEOUT": "5000", "NO_COLOR": "1"}


def prepare(source, installed):
    """Elixir's sources, with what has been compiled of them: the installed Elixir's."""
    for application in APPLICATIONS:
        ebin = source / "lib" / application / "ebin"
        if not ebin.exists():
            ebin.symlink_to(installed / "lib" / application / "ebin")
    # Debian's sources lack it, for it is no source.
    rebar, fixture = shutil.which("rebar3"), source / "lib/mix/test/fixtures/rebar3"
    if rebar is not None and not fixture.exists() and fixture.parent.exists():
        shutil.copy(rebar, fixture)


def tests_of(source, application):
    return source / "lib" / application / ("test/elixir" if application == "elixir" else "test")


def files(source, application):
    """Relative to the folder of tests. Those of fixtures are tests' own."""
    folder = tests_of(source, application)
    return sorted(str(f.relative_to(folder)) for f in folder.rglob("*_test.exs") if "fixtures" not in f.parts)


def digest(source, application):
    folder = tests_of(source, application)
    return hashlib.sha256(b"".join(f.read_bytes() for f in sorted(folder.rglob("*.exs")))).hexdigest()


def command(source, case):
    """(words, working directory). bin/elixir takes the `erl` that is first on PATH."""
    folder = tests_of(source, case.suite)
    return [str(source / "bin/elixir"), "-r", str(folder / "test_helper.exs"), "-r", str(folder / case.name)], source / "lib" / case.suite


def judge(log, status):
    """(verdict, reason) of what has ended by itself."""
    failed = re.findall(r"^\s+\d+\) (.+)$", log, re.MULTILINE)
    sums = re.findall(r"^.*\d+ tests?, \d+ failures?.*$", log, re.MULTILINE)
    if status == 0 and sums:
        return "pass", ""
    if sums:
        return "fail", "\n".join([sums[-1], *sorted(failed)])
    return "crash", f"exit status {status}, before the tests had ended"


def root_of(release):
    """The installed Elixir, or that of the fetched release."""
    if release.programs is not None and (release.programs.parent / "usr/lib/elixir").exists():
        return release.programs.parent / "usr/lib/elixir"
    found = shutil.which("elixir")
    return pathlib.Path(found).resolve().parent.parent if found is not None else None
