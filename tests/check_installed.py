#!/usr/bin/env python3
"""`lintel check` on every .beam file of the installed OTP and Elixir: all must load and verify.

    tests/check_installed.py --lintel build/dev/tools/lintel [DIRECTORY…]

What a file calls and the VM does not have is no failure here. LINTEL_EXTRA_BEAMS (directories, separated by colons) adds releases.
"""
import argparse
import os
import pathlib
import subprocess
import sys

DEFAULT = ["/usr/lib/erlang", "/usr/lib/elixir"]
BATCH = 100


def check(lintel, files):
    run = subprocess.run([lintel, "check", *files], capture_output=True, text=True, timeout=300)
    return run.returncode, run.stdout + run.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lintel", required=True)
    parser.add_argument("directories", nargs="*")
    args = parser.parse_args()
    extra = [d for d in os.environ.get("LINTEL_EXTRA_BEAMS", "").split(":") if d]
    failed = total = 0
    for directory in (args.directories or [d for d in DEFAULT if os.path.isdir(d)] + extra):
        files = sorted(str(p) for p in pathlib.Path(directory).rglob("*.beam") if p.is_file())
        if not files:
            print(f"{directory}: no .beam files", file=sys.stderr)
            failed += 1
        total += len(files)
        for at in range(0, len(files), BATCH):
            status, text = check(args.lintel, files[at:at + BATCH])
            if status < 0:
                print(f"{directory}: lintel check ended by signal {-status}\n{text}")
                failed += 1
            for line in text.splitlines():
                if not line.startswith("  refused: "):
                    continue
                print(line.strip())
                failed += 1
    print(f"{total} files, {failed} refused")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
