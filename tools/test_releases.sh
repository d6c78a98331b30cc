#!/usr/bin/env bash
# OTP's programs and the shell on the releases that are not installed, if they can be fetched: unpacked in build/otp27 and build/otp29.
#     tools/test_releases.sh [LINTEL]
set -euo pipefail
cd "$(dirname "$0")/.."
lintel=${1:-build/release/tools/lintel}
for release in 27 29; do
    folder=build/otp$release
    status=0
    tools/fetch_otp.sh $release $folder || status=$?
    if [ $status -eq 3 ]; then
        echo "test_releases: NOT TESTED: OTP $release, for its packages could not be fetched"
        continue
    fi
    [ $status -eq 0 ] || exit $status
    python3 tests/run_otp.py --lintel "$lintel" --otp $folder
    /usr/bin/python3 tests/run_terminal.py --lintel "$lintel" --otp $folder --filter erl/edit --filter iex/evaluate
done
