#!/usr/bin/env python3
"""Native libraries, of functions and of drivers: programs of tests/nif with libraries compiled from the C or Rust beside them, on Lintel and on the real `erl`;
standard output must be the same.

Each library is compiled with OTP's own headers (where OTP has them) and with those of include/lintel; the first runs on both VMs, the second on Lintel, in both
profiles. Programs without a library of their own use those that OTP's packages install. The last line is 'N passed, N failed'.
"""

import argparse
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from comparison import ROOT, difference, run_all

SOURCES = ROOT / "tests" / "nif"
ENVIRONMENT = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8")
# Libraries that a program has besides that of its own name: NAME: [(library, source, flags)].
EXTRA = {
    "tracers": [("tracers_plain", "tracers", []), ("tracers_split", "tracers", ["-DSPLIT"])],
    "driver_loading": [(f"driver_loading_{n}", "driver_loading", [f"-DCASE={n}"]) for n in range(11)],
    "driver_races": [("driver_loading_0", "driver_loading", ["-DCASE=0"])],
    "driver_vector": [("driver_vector", "driver_vector", []), ("driver_vector_soft", "driver_vector", ["-DSOFT"])],
    "rust": [("rust", "rust", []), ("rust_linked", "rust", ["--cfg", "linked"])],
    "loading": [(f"loading_{n}", "loading", [f"-DCASE={n}"]) for n in range(1, 12)],
    "upgrades": [(f"upgrades_{n}", "upgrades", [f"-DVERSION={n}"]) for n in range(1, 5)],
}


def otp_header():
    root = subprocess.run(["erl", "-noshell", "-eval", "io:put_chars(code:root_dir()), halt()."], capture_output=True, text=True).stdout
    return pathlib.Path(root) / "usr" / "include"


def is_rust(name):
    return (SOURCES / f"{name}.rs").exists()


def compile_libraries(name, folder, include):
    libraries = EXTRA.get(name, [])
    if (SOURCES / f"{name}.c").exists() and name not in EXTRA:
        libraries = [(name, name, [])]
    for library, source, flags in libraries:
        if is_rust(source):
            subprocess.run(["rustc", "--edition", "2021", "-O", "--crate-type", "cdylib", *flags, "-o", f"{folder}/{library}.so", f"{SOURCES}/{source}.rs"], check=True)
            continue
        subprocess.run(["gcc", "-std=gnu99", "-O1", "-g", "-w", "-shared", "-fPIC", f"-I{include}", *flags, "-o", f"{folder}/{library}.so",
                        f"{SOURCES}/{source}.c"], check=True)


def run(command, folder, variables, timeout):
    try:
        done = subprocess.run(command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
        text = f"status {done.returncode}\n" + done.stdout.decode("utf-8", "backslashreplace")
    except subprocess.TimeoutExpired as expired:
        text = f"no end after {timeout} s\n" + (expired.stdout or b"").decode("utf-8", "backslashreplace")
    return re.sub(r"#Ref<[0-9.]*>", "#Ref<>", text)


def command_of(name):
    return ["erl", "-noshell", "-s", name, "main", "-s", "init", "stop"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "quick" / "tools" / "lintel"), help="the program")
    parser.add_argument("--filter", default="", help="only programs whose names contain this")
    parser.add_argument("--timeout", type=int, default=120, help="seconds for each")
    parser.add_argument("--profile", default="", help="only this one: OTP or bare")
    parser.add_argument("--stress", default="", help="LINTEL_STRESS for Lintel")
    arguments = parser.parse_args()
    lintel = str(pathlib.Path(arguments.lintel).resolve())
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        subprocess.run([lintel, "link-otp", str(place / "bin")], env=ENVIRONMENT, check=True, capture_output=True)
        ours = dict(ENVIRONMENT, PATH=f"{place / 'bin'}:{ENVIRONMENT['PATH']}")
        ours["LSAN_OPTIONS"] = f"suppressions={SOURCES / 'lsan.supp'}:print_suppressions=0"  # of a build with sanitizers
        if arguments.stress:
            ours["LINTEL_STRESS"] = arguments.stress
        headers = {"otp": otp_header(), "own": place / "own"}
        (place / "own").mkdir()
        for header in ("erl_drv_nif.h", "erl_driver.h", "erl_nif.h"):
            shutil.copy(ROOT / "include" / "lintel" / header, place / "own")

        @functools.cache
        def expected(name):
            kept = SOURCES / f"{name}.expected"  # of what the installed OTP is too old for
            return kept.read_text() if kept.exists() else run(command_of(name), place / "otp" / name, ENVIRONMENT, arguments.timeout)

        def test(name, started, folder):
            wrong = difference(expected(name), run(started, folder, ours, arguments.timeout))
            if wrong is not None:
                expected.cache_clear()  # the odd one may have been erl
            return wrong

        jobs = []
        for source in sorted(SOURCES.glob("*.erl")):
            name = source.stem
            text = source.read_text()
            if arguments.filter not in name or not re.search(r"\bmain/0\b", text):
                continue
            if is_rust(name) and shutil.which("rustc") is None:
                print(f"{name}: NOT TESTED: there is no rustc")
                continue
            is_kept = (SOURCES / f"{name}.expected").exists()
            for header, include in headers.items():
                has_library = name in EXTRA or (SOURCES / f"{name}.c").exists()
                if not (include / "erl_nif.h").exists() or (header == "own" and (not has_library or is_rust(name))) or (header == "otp" and is_kept):
                    continue
                folder = place / header / name
                folder.mkdir(parents=True, exist_ok=True)
                compile_libraries(name, folder, include)
                for module in [source, *SOURCES.glob(f"{name}_*.erl")]:
                    subprocess.run(["erlc", "-W0", "-o", str(folder), module.name], cwd=SOURCES, check=True, env=ENVIRONMENT)
                ways = {"OTP profile": command_of(name)}
                if "%% OTP profile only" not in text and (header == "own" or not has_library or is_rust(name)):
                    ways["bare profile"] = [lintel, "run", f"{name}.beam"]
                jobs += [(f"{name} ({header} header, {way})", test, name, started, folder) for way, started in ways.items() if way.startswith(arguments.profile)]
        return run_all(jobs, workers=1)


if __name__ == "__main__":
    sys.exit(main())
