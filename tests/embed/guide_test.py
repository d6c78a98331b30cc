"""The guide, docs/embedding.md: its code is part of the programs of examples/embedding, and what its consoles show is what happens.

A block of code names its file, `c examples/embedding/hello.c`: its lines must stand there, one after another, indented alike. A block
`console` is commands ("$ ") and their output. They run in one folder, which holds copies of those files, beside an installed library.

    guide_test.py GUIDE BUILD [--flags FLAGS]    installs BUILD first; FLAGS (of a sanitizer) are for compilers and linkers
    guide_test.py GUIDE --prefix DIR             with what is installed there
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

STRICT = {"cc": "-std=c99 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Wpedantic -Wshadow -Werror", "c++": "-Wall -Wextra -Werror"}
LANGUAGES = {"c", "cpp", "erlang", "cmake"}


def blocks(text):
    """(line number, words of the info string, lines) of each fenced block."""
    found, block = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```") and block is None:
            block = (number, line[3:].split(), [])
            found.append(block)
        elif line.startswith("```"):
            block = None
        elif block is not None:
            block[2].append(line)
    assert block is None, f"line {block[0]}: the block does not end"
    return found


def is_part(lines, file):
    return any(file[i:i + len(lines)] == lines for i in range(len(file) - len(lines) + 1))


def check_code(guide, root):
    """The files that code is from; what is wrong."""
    files, wrong = set(), []
    for number, info, lines in blocks(guide):
        if info == ["console"]:
            continue
        if len(info) != 2 or info[0] not in LANGUAGES or not (root / info[1]).is_file():
            wrong.append(f"line {number}: a block is `console`, or code with its file, not {' '.join(info)!r}")
            continue
        files.add(pathlib.Path(info[1]).name)
        if not is_part(lines, (root / info[1]).read_text().splitlines()):
            wrong.append(f"line {number}: this is not in {info[1]}")
    return files, wrong


def run_console(number, lines, folder, environment):
    """What is wrong."""
    at = 0
    while at < len(lines):
        assert lines[at].startswith("$ "), f"line {number}: a console begins with a command"
        command, expected = lines[at][2:], []
        at += 1
        while at < len(lines) and not lines[at].startswith("$ "):
            expected.append(lines[at])
            at += 1
        done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120)
        if done.returncode != 0 or done.stdout.splitlines() != expected:
            return f"line {number}: {command}: status {done.returncode}\n{done.stdout}"
    return None


def compilers(folder, flags):
    """A folder with compilers that are strict, and take the flags."""
    folder.mkdir()
    for name, strict in STRICT.items():
        wrapper = folder / name
        wrapper.write_text(f'#!/bin/sh\nexec {shutil.which(name)} {strict} {flags} "$@"\n')
        wrapper.chmod(0o755)
    return folder


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("guide", type=pathlib.Path)
    parser.add_argument("build", nargs="?")
    parser.add_argument("--prefix", type=pathlib.Path)
    parser.add_argument("--flags", default="")
    options = parser.parse_args()
    guide, root = options.guide.read_text(), options.guide.resolve().parent.parent
    programs = root / "examples/embedding"
    files, wrong = check_code(guide, root)
    consoles = [b for b in blocks(guide) if b[1] == ["console"]]
    commands = "\n".join(line for _, _, lines in consoles for line in lines if line.startswith("$ "))
    for path in sorted(programs.iterdir()):
        if path.suffix in (".c", ".cpp", ".erl") and not re.search(rf"(?<!\w){path.stem}\.", commands):
            wrong.append(f"{path.name} is in no console")
    with tempfile.TemporaryDirectory() as temporary:
        top = pathlib.Path(temporary)
        prefix = options.prefix or top / "prefix"
        if options.prefix is None:
            subprocess.run(["cmake", "--install", options.build, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
        package = next(prefix.rglob("lintel.pc")).parent
        path = compilers(top / "compilers", options.flags)
        environment = dict(os.environ, PATH=f"{path}:{os.environ['PATH']}", PKG_CONFIG_PATH=str(package), LD_LIBRARY_PATH=str(package.parent),
                           CMAKE_PREFIX_PATH=str(prefix), CFLAGS=options.flags, LDFLAGS=options.flags)
        folder = top / "programs"
        shutil.copytree(programs, folder)
        for number, _, lines in consoles:
            wrong += filter(None, [run_console(number, lines, folder, environment)])
    for text in wrong:
        print(f"{options.guide.name}: {text}")
    print(f"guide_test: code of {len(files)} files, {len(consoles)} consoles, {len(wrong)} wrong")
    return 1 if wrong or not files or not consoles else 0


if __name__ == "__main__":
    sys.exit(main())
