#!/usr/bin/env python3
"""Compiles OTP, and Elixir with itself, on Lintel and on `erl`: each file that comes out must be the same, byte for byte, and so must what the compilers say.

    tests/run_compile.py --lintel PATH --build DIR            every module of erts, kernel, stdlib and compiler; Elixir as its makefile does it
    tests/run_compile.py … --sample N                         each N-th module; of Elixir, what its makefile does first
    tests/run_compile.py … --apps stdlib,ssl --no-elixir      of these applications ('all': of all installed)

The sources are those of Debian's packages: erlang-src, and Elixir's by `apt-get source`, which are fetched once into the build folder.
What of Elixir may differ is in tests/compile/beam_difference.erl. Time and peak memory of both are written. The last line is 'N passed, N failed'.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
OTP = pathlib.Path("/usr/lib/erlang/lib")
APPS = "erts,kernel,stdlib,compiler"
# The options of OTP's makefiles that say something about the code.
OPTIONS = {"compiler": ["inline", "warn_unused_import", "warn_missing_spec"]}
LEFT_OUT = ["prim_zip.erl"]  # includes a file of OTP's repository that the package does not have
SOURCES = (".erl", ".yrl", ".xrl", ".S")
SOURCE_LIST = "deb-src http://deb.debian.org/debian bookworm main\n"
APP = "lib/elixir/generate_app.escript lib/elixir/src/elixir.app.src lib/elixir/ebin/elixir.app $(cat VERSION)"
ELIXIRC = "bin/elixirc --ignore-module-conflict"
# What Elixir's makefile does: name, command.
STAGES = {
    "parser": "erlc -o lib/elixir/src/elixir_parser.erl lib/elixir/src/elixir_parser.yrl",
    "erlang": f"cd lib/elixir && mkdir -p ebin && erl -make && cd ../.. && {APP}",
    "bootstrap": "erl -noshell -pa lib/elixir/ebin -s elixir_compiler bootstrap -s erlang halt",
    "unicode": " && ".join(f"{ELIXIRC} lib/elixir/unicode/{name}.ex -o lib/elixir/ebin" for name in ["unicode", "security", "tokenizer"]),
    "elixir": f"cd lib/elixir && ../../{ELIXIRC} 'lib/**/*.ex' -o ebin && cd ../.. && {APP}",
}
# They walk a large map whose keys have atoms in them: on OTP the order of these follows from their numbers in the emulator's table.
BY_ATOMS = {"Elixir.Module.Types.Pattern.beam"}
GOOD = re.compile(r"^\S+ \{ok,|status 0$")  # said of what could be compiled
SLOW = re.compile(r"^Compiling .* \(it's taking more than 10s\)\n", re.M)  # of the machine, not of the VM
SAMPLE_STAGES = ["parser", "erlang", "bootstrap"]


class Program:
    """erl or Lintel, with what it has used so far."""

    def __init__(self, name, lintel, home):
        self.name, self.seconds, self.processor, self.megabytes = name, 0.0, 0.0, 0.0
        home.mkdir(parents=True, exist_ok=True)
        self.variables = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8", HOME=str(home), ERL_COMPILER_OPTIONS="deterministic",
                              SOURCE_DATE_EPOCH="1700000000")
        if lintel is not None:
            shutil.rmtree(home / "bin", ignore_errors=True)
            subprocess.run([lintel, "link-otp", str(home / "bin")], check=True, capture_output=True)
            self.variables["PATH"] = f"{home / 'bin'}:{self.variables['PATH']}"

    def run(self, command, folder, timeout):
        """What the shell command wrote, and how it ended."""
        before = time.monotonic()
        output = folder / "output"
        with open(output, "wb") as file:
            process = subprocess.Popen(["timeout", "-s", "KILL", str(timeout), "sh", "-c", command], cwd=folder, env=self.variables,
                                       stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds += time.monotonic() - before
        self.processor += usage.ru_utime + usage.ru_stime
        self.megabytes = max(self.megabytes, usage.ru_maxrss / 1024)
        text = output.read_text(errors="backslashreplace")
        output.unlink()
        return f"{text}status {process.returncode}"


def jobs(apps, step):
    """Terms {Source, Options} for compile_all, the largest files first."""
    found = []
    for app in sorted(OTP.iterdir()):
        name, _, version = app.name.rpartition("-")
        if name not in apps and apps != ["all"]:
            continue
        for source in app.glob("src/**/*"):
            if source.suffix not in SOURCES or source.name in LEFT_OUT:
                continue
            folders = [source.parent, app / "src", app / "include", *OTP.glob("kernel-*/include"), *OTP.glob("kernel-*/src"), *OTP.glob("stdlib-*/include")]
            options = ["debug_info", f"{{d, '{name.upper()}_VSN', \"{version}\"}}", *OPTIONS.get(name, [])] + [f'{{i, "{f}"}}' for f in folders]
            options = options if source.suffix in (".erl", ".S") else []
            found.append((-source.stat().st_size, f'{{"{source}", [{", ".join(options)}]}}.\n'))
    return [job for _, job in sorted(found)[step // 2::step]]


def results(folder):
    """Name: content, of what was compiled."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def why_different(build, expected, actual):
    """What tests/compile/beam_difference.erl says of two files."""
    subprocess.run(["erlc", "-o", str(build), str(ROOT / "tests" / "compile" / "beam_difference.erl")], check=True)
    (build / "expected.beam").write_bytes(expected)
    (build / "actual.beam").write_bytes(actual)
    command = ["erl", "-noshell", "-run", "beam_difference", "main", "expected.beam", "actual.beam"]
    return subprocess.run(command, cwd=build, capture_output=True, text=True).stdout


def compare(what, expected, actual, build, all_compile):
    """(passed, failed) of two dictionaries; says what differs."""
    passed = failed = 0
    for name in sorted(expected.keys() | actual.keys()):
        problem = None
        if name not in actual or name not in expected:
            problem = f"is there on {'Lintel' if name in actual else 'erl'} only"
        elif expected[name] != actual[name]:
            why = why_different(build, expected[name], actual[name]) if name.endswith(".beam") else "[differs]"
            if "differs" in why or not why or "order" in why and name not in BY_ATOMS:
                problem = "differs"
            else:
                print(f"{what}: {name} differs by {why}")
        elif isinstance(actual[name], str) and not GOOD.search(actual[name]):
            if not all_compile:
                continue
            problem = "compiles on neither"
        if problem is None:
            passed += 1
            continue
        failed += 1
        print(f"FAIL {what}: {name} {problem}")
        if isinstance(actual.get(name), str):
            print(f"--- erl\n{expected.get(name, '')[:1000]}\n--- lintel\n{actual[name][:1000]}")
    return passed, failed


def compile_otp(program, build, listed, timeout):
    """The files that come out, and what the compiler said of each."""
    work = build / "otp"
    shutil.rmtree(work, ignore_errors=True)
    (work / "out").mkdir(parents=True)
    (work / "list").write_text("".join(listed))
    subprocess.run(["erlc", "-o", str(work), str(ROOT / "tests" / "compile" / "compile_all.erl")], check=True)
    said = program.run(f"erl -noshell -run compile_all main list out {os.cpu_count()}", work, timeout)
    files = results(work / "out")
    for part in re.split(r"\n(?=\S+\.(?:erl|yrl|xrl|S) )", said):
        files["what is said of " + part.split(" ")[0]] = part
    return files


def elixir_source(build):
    """The folder of Elixir's source, fetched if it is not there."""
    place = build / "elixir-source"
    if not place.exists():
        shutil.rmtree(build / "apt", ignore_errors=True)
        (build / "apt" / "lists" / "partial").mkdir(parents=True)
        (build / "apt" / "sources.list").write_text(SOURCE_LIST)
        apt = ["apt-get", "-qq", "-o", f"Dir::Etc::sourcelist={build}/apt/sources.list", "-o", "Dir::Etc::sourceparts=-",
               "-o", f"Dir::State::lists={build}/apt/lists", "-o", "APT::Sandbox::User=root"]
        for arguments in (["update"], ["source", "elixir-lang"]):
            subprocess.run(apt + arguments, cwd=build / "apt", check=True, capture_output=True, timeout=300)
        next(p for p in (build / "apt").glob("elixir-lang-*") if p.is_dir()).rename(place)
    return place


def compile_elixir(program, build, stages, timeout):
    work = build / "elixir"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(elixir_source(build), work, symlinks=True)
    said = {f"what is said of {stage}": SLOW.sub("", program.run(STAGES[stage], work, timeout)) for stage in stages}
    return results(work / "lib" / "elixir" / "ebin") | said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "release" / "tools" / "lintel"), help="the program")
    parser.add_argument("--build", default=str(ROOT / "build" / "compile"), help="folder for what is made")
    parser.add_argument("--apps", default=APPS, help="OTP's applications, separated by commas, or 'all'")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="each N-th module, and the beginning of Elixir")
    parser.add_argument("--no-elixir", action="store_true", help="OTP alone")
    parser.add_argument("--no-otp", action="store_true", help="Elixir alone")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds for each command")
    arguments = parser.parse_args()
    build = pathlib.Path(arguments.build).resolve()
    lintel = str(pathlib.Path(arguments.lintel).resolve())
    listed = jobs(arguments.apps.split(","), arguments.sample)
    stages = SAMPLE_STAGES if arguments.sample > 1 else list(STAGES)
    parts = {f"{len(listed)} modules of OTP": lambda p: compile_otp(p, build, listed, arguments.timeout),
             "Elixir": lambda p: compile_elixir(p, build, stages, arguments.timeout)}
    passed = failed = 0
    for what, work in list(parts.items())[int(arguments.no_otp):2 - int(arguments.no_elixir)]:
        erl, ours = Program("erl", None, build / "erl"), Program("lintel", lintel, build / "lintel")
        good, bad = compare(what, work(erl), work(ours), build, arguments.apps == APPS)
        passed, failed = passed + good, failed + bad
        for program in (erl, ours):
            print(f"{what}: {program.name} {program.seconds:.1f} s ({program.processor:.1f} s of processors), {program.megabytes:.0f} MB at most")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
