#!/usr/bin/env python3
"""Every header compiles alone: in one unit that includes it twice and nothing before it."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

FLOORS = ["base", "term", "gc", "loader", "vm", "sched", "stdlib", "embed"]


def compile_alone(root, header):
    name = header.relative_to(root)
    c = str(name).startswith("include/")
    include = str(name)[len("include/"):] if c else str(name)
    source = f'#include "{include}"\n#include "{include}"\n'
    command = ["gcc", "-x", "c", "-std=c99"] if c else ["g++", "-x", "c++", "-std=c++20", "-fno-exceptions", "-fno-rtti"]
    command += ["-fsyntax-only", "-Wall", "-Wextra", "-Werror", f"-I{root}", f"-I{root}/include", "-"]
    done = subprocess.run(command, input=source, text=True, capture_output=True)
    return (name, done.stderr) if done.returncode != 0 else None


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    headers = sorted(h for floor in FLOORS for h in (root / floor).rglob("*.h"))
    headers += sorted((root / "include").rglob("*.h"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failed = [f for f in pool.map(lambda h: compile_alone(root, h), headers) if f]
    for name, text in failed:
        print(f"{name} does not compile alone:\n{text}")
    print(f"check_headers: {len(headers)} headers, {len(failed)} fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
