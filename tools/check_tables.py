#!/usr/bin/env python3
"""The .def tables: no BIF or atom twice, every family listed in stdlib/bifs.def, every atom used is defined;
the fused operations of sanitized builds have every part."""
import collections
import pathlib
import re
import sys


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    errors = []
    rows = collections.Counter()
    listed = set(re.findall(r'"stdlib/bifs/(\w+\.def)"', (root / "stdlib/bifs.def").read_text()))
    for path in sorted((root / "stdlib/bifs").glob("*.def")):
        if path.name not in listed:
            errors.append(f"stdlib/bifs/{path.name} is not included by stdlib/bifs.def")
        for module, function, arity in re.findall(r'BIF\("([^"]*)", "([^"]*)", (\d+)', path.read_text()):
            rows[f"{module}:{function}/{arity}"] += 1
    errors += [f"BIF {name} has {count} rows" for name, count in rows.items() if count > 1]

    atoms = re.findall(r'^ATOM\((\w+), "(.*)"\)', (root / "term/atoms.def").read_text(), re.M)
    for position, what in ((0, "name"), (1, "text")):
        counts = collections.Counter(atom[position] for atom in atoms)
        errors += [f"atoms.def: {what} {value!r} stands {count} times" for value, count in counts.items() if count > 1]
    # A build with sanitizers has only the first rows: what is in no other runs there unfused, and unchecked.
    kept, others = (re.findall(r"^FUSED\d\((.*)\)", rows_of, re.M)
                    for rows_of in (root / "vm/fused.def").read_text().split("#ifndef LINTEL_SANITIZED"))
    kept_parts = {part for row in kept for part in row.split(", ")}
    for part in sorted({part for row in others for part in row.split(", ")} - kept_parts):
        errors.append(f"fused.def: no row of the first section has {part}")
    for error in errors:
        print(error)
    print(f"check_tables: {sum(rows.values())} BIFs, {len(atoms)} atoms, {len(errors)} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
