#!/usr/bin/env bash
# Formats C and C++ sources with Debian 12's clang-format (14): those given, or all. Tables (.def) and interpreter bodies (.inc)
# are set by hand.   tools/format.sh [--check] [FILE…]
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(-i)
if [ "${1:-}" = --check ]; then
    mode=(--dry-run --Werror)
    shift
fi
command -v clang-format > /dev/null || { echo "format: no clang-format here: apt-get install clang-format" >&2; exit 2; }
case "$(clang-format --version)" in
    *"version 14."*) ;;
    *) echo "format: needs clang-format 14 (Debian 12), this is $(clang-format --version)" >&2; exit 2 ;;
esac
if [ $# -gt 0 ]; then
    clang-format "${mode[@]}" "$@"
else
    git ls-files -z '*.h' '*.hpp' '*.cpp' '*.c' | xargs -0 -n 20 -P "$(nproc)" clang-format "${mode[@]}"
fi
