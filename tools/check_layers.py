#!/usr/bin/env python3
"""Every floor includes itself and what is below it, nothing else (docs/design/overview.md)."""
import pathlib
import re
import sys

FLOORS = ["base", "term", "gc", "loader", "vm", "jit", "sched", "stdlib", "embed"]
# A floor that is not for all above it: these may include it.
ONLY_FOR = {"jit": {"embed"}}
# Third-party headers and the floors that may include them.
FOREIGN = {
    "mimalloc.h": {"base"}, "zlib.h": {"loader", "stdlib"}, "zstd.h": {"stdlib"}, "gmp.h": {"vm"}, "uv.h": {"base", "sched"},
    "pcre2.h": {"stdlib"}, "sodium.h": {"loader"}, "unibilium.h": {"stdlib"}, "re2/re2.h": {"stdlib"}, "pthread.h": {"base", "sched"},
    "asmjit": {"jit"},
}


def foreign(name):
    """The floors that may include <name>, which may be all of a folder's; None: all of them."""
    return FOREIGN.get(name, FOREIGN.get(name.split("/")[0]))


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    errors = []
    for floor in FLOORS:
        allowed = {f for f in FLOORS[: FLOORS.index(floor)] if floor in ONLY_FOR.get(f, FLOORS)} | {floor, "lintel"}
        for path in sorted((root / floor).rglob("*")):
            if path.suffix not in {".h", ".cpp", ".inc", ".def"}:
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = re.match(r'\s*#include\s+(["<])([^">]+)[">]', line)
                if not match:
                    continue
                kind, name = match.groups()
                where = f"{path.relative_to(root)}:{number}"
                if kind == '"':
                    if name.split("/")[0] not in allowed:
                        errors.append(f"{where}: floor {floor} may not include {name}")
                elif floor not in (foreign(name) or FLOORS):
                    errors.append(f"{where}: <{name}> belongs to {', '.join(sorted(foreign(name)))}")
    for path in sorted((root / "tools").rglob("*.cpp")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.match(r'\s*#include\s+"(?!lintel/)', line):
                errors.append(f"{path.relative_to(root)}:{number}: tools use only <lintel/lintel.h> and headers of their own")
    for error in errors:
        print(error)
    print(f"check_layers: {len(errors)} violations")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
