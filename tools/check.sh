#!/usr/bin/env bash
# Checks of the source: layers, tables, headers that compile alone. CI runs the same.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 tools/check_layers.py
python3 tools/check_tables.py
python3 tools/check_headers.py
