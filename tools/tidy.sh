#!/usr/bin/env bash
# clang-tidy (.clang-tidy) over what differs from a commit (default: main, or on main the commit before), or over everything, which
# takes long.
#     tools/tidy.sh [--all | --since COMMIT | FILE…]
# Needs a configured build folder for its compile commands: LINTEL_BUILD, or the first that there is.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${LINTEL_BUILD:-}
for folder in build/quick build/dev build/release; do
    [ -n "$build" ] || { [ -f $folder/compile_commands.json ] && build=$folder; }
done
[ -n "$build" ] || { echo "tidy: no build folder: cmake --preset dev" >&2; exit 2; }
since=main
if ! git rev-parse -q --verify main > /dev/null || [ "$(git rev-parse main)" = "$(git rev-parse HEAD)" ]; then since=HEAD~1; fi
case "${1:-}" in
    --all) mapfile -t files < <(git ls-files '*.cpp') ;;
    "" | --since)
        [ $# -lt 2 ] || since=$2
        git rev-parse -q --verify "$since" > /dev/null || { echo "tidy: no commit $since to compare with"; exit 0; }
        mapfile -t files < <({ git diff --name-only --diff-filter=d "$since" -- '*.cpp'; git ls-files -o --exclude-standard '*.cpp'; } | sort -u) ;;
    *) files=("$@") ;;
esac
# Only what the build compiles: its commands are what clang-tidy goes by, without gcc's precompiled header.
mkdir -p build/tidy
mapfile -t files < <(python3 - "$build/compile_commands.json" "${files[@]}" <<'PY'
import json, os, re, sys
commands = json.load(open(sys.argv[1]))
for c in commands:
    c["command"] = re.sub(r" -Winvalid-pch| -fpch-preprocess| -fno-gnu-unique| -include \S*cmake_pch\.hxx", "", c["command"])
json.dump(commands, open("build/tidy/compile_commands.json", "w"))
known = {os.path.relpath(c["file"]) for c in commands}
print("\n".join(f for f in sys.argv[2:] if os.path.relpath(f) in known))
PY
)
[ -n "${files[*]}" ] || { echo "tidy: no file to look at"; exit 0; }
# A table with more rows than clang lets a fold expression have (CMakeLists.txt); flags of gcc that clang does not know; warnings that the build does not give with clang either (cmake/Warnings.cmake).
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet --extra-arg=-fbracket-depth=2048 -p build/tidy \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument --extra-arg=-Wno-unused-command-line-argument \
    --extra-arg=-Wno-c99-extensions --extra-arg=-Wno-gnu --extra-arg=-Wno-char-subscripts --extra-arg=-Wno-unused-lambda-capture
echo "tidy: ${#files[@]} files"
