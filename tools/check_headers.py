#!/usr/bin/env python3
"""Every header compiles alone: in one unit that includes it twice and nothing before it.

With ccache, headers that nothing has changed for cost next to nothing: hence real object files, in build/headers.
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

CCACHE = [shutil.which("ccache")] if shutil.which("ccache") else []
FLOORS = ["base", "term", "gc", "loader", "vm", "jit", "sched", "stdlib", "embed"]


def compile_alone(root, header):
    name = header.relative_to(root)
    c = str(name).startswith("include/")
    include = str(name)[len("include/"):] if c else str(name)
    unit = root / "build/headers" / (str(name).replace("/", "__") + (".c" if c else ".cpp"))
    text = f'#include "{include}"\n#include "{include}"\n'
    if not unit.exists() or unit.read_text() != text:
        unit.write_text(text)
    command = ["gcc", "-std=c99", "-pedantic"] if c else ["g++", "-std=c++20", "-fno-exceptions", "-fno-rtti"]
    command = CCACHE + command + ["-c", "-O0", "-Wall", "-Wextra", "-Werror", "-I.", "-Iinclude",
                                  str(unit.relative_to(root)), "-o", str(unit.relative_to(root)) + ".o"]
    done = subprocess.run(command, cwd=root, text=True, capture_output=True)
    return (name, done.stderr) if done.returncode != 0 else None


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    headers = sorted(h for floor in FLOORS for h in (root / floor).rglob("*.h"))
    headers += sorted((root / "include").rglob("*.h"))
    (root / "build/headers").mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failed = [f for f in pool.map(lambda h: compile_alone(root, h), headers) if f]
    for name, text in failed:
        print(f"{name} does not compile alone:\n{text}")
    print(f"check_headers: {len(headers)} headers, {len(failed)} fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
