#!/usr/bin/env bash
# Line coverage by folder: builds preset coverage, runs unit tests and programs beside erl, asks gcov.
#     tools/coverage.sh [--report]     --report: only counts what earlier runs left
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/coverage
if [ "${1:-}" != --report ]; then
    cmake --preset coverage > /dev/null
    ninja -C $build
    find $build -name '*.gcda' -delete
    ctest --test-dir $build -j "$(nproc)" --timeout 300 -E '^embed\.(package|symbols)' || echo "coverage: some tests fail"
    python3 tests/run_erl.py --lintel $build/tools/lintel --build build/erl > $build/run_erl.log || echo "coverage: some programs differ: $build/run_erl.log"
fi
python3 - "$build" <<'PY'
import collections, gzip, json, os, pathlib, subprocess, sys

build = pathlib.Path(sys.argv[1]).resolve()
root = pathlib.Path.cwd()
lines = collections.defaultdict(dict)  # file -> line -> times, over all objects that have the line
for data in build.rglob("*.gcda"):
    done = subprocess.run(["gcov", "--json-format", "--stdout", str(data)], cwd=build, capture_output=True)
    for text in done.stdout.decode().splitlines():
        for file in json.loads(text)["files"]:
            path = os.path.normpath(build / file["file"])
            if not path.startswith(str(root) + os.sep) or path.startswith(str(build)):
                continue
            seen = lines[os.path.relpath(path, root)]
            for line in file["lines"]:
                seen[line["line_number"]] = max(seen.get(line["line_number"], 0), line["count"])
folders = collections.defaultdict(lambda: [0, 0])
for file, seen in lines.items():
    top = file.split(os.sep)[0]
    if top == "tests":
        continue
    for key in (top, "all"):
        folders[key][0] += sum(1 for n in seen.values() if n)
        folders[key][1] += len(seen)
if not folders:
    sys.exit("coverage: nothing was measured")
print(f"{'folder':<10}{'lines':>8}{'run':>8}{'%':>7}")
for name, (run, total) in sorted(folders.items(), key=lambda f: (f[0] == "all", f[0])):
    print(f"{name:<10}{total:>8}{run:>8}{100 * run / total:>7.1f}")
PY
