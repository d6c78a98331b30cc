#!/usr/bin/env bash
# Checks of the source: layers, tables, generated pages, headers that compile alone. CI runs the same.
#     tools/check.sh [--format] [--tidy]      also the format of every file; clang-tidy over what differs from main
set -euo pipefail
cd "$(dirname "$0")/.."
python3 tools/check_layers.py
python3 tools/check_tables.py
python3 tools/gen_docs.py --check
python3 tools/check_headers.py
for option in "$@"; do
    case "$option" in
        --format) tools/format.sh --check ;;
        --tidy) tools/tidy.sh ;;
        *) echo "check: what is $option? (--format, --tidy)" >&2; exit 2 ;;
    esac
done
