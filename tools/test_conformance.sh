#!/usr/bin/env bash
# The conformance runner itself, the page of its results, and the part of OTP's suites that conformance/ci.txt names, if they can be fetched.
#     tools/test_conformance.sh [LINTEL]
set -euo pipefail
cd "$(dirname "$0")/.."
lintel=${1:-build/release/tools/lintel}
python3 tests/run_conformance.py --lintel "$lintel"
python3 tests/run_conformance_page.py
status=0
"$lintel" conformance --engine lazy --limit 60 --log --results build/conformance/ci.json @conformance/ci.txt || status=$?
if [ $status -eq 3 ]; then
    echo "test_conformance: NOT TESTED: OTP's suites, for they could not be fetched"
    exit 0
fi
exit $status
