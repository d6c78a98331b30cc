#!/usr/bin/env bash
# All tests: builds with AddressSanitizer and UBSan, then source checks, programs beside erl, unit tests, threads
# meeting under ThreadSanitizer, and a short run of the fuzzers.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh --dev
echo "build: configuring preset dev"
cmake --preset dev > /dev/null
ninja -C build/dev
echo "build: configuring preset release"
cmake --preset release -DLINTEL_BUILD_TESTS=OFF -DLINTEL_BUILD_BENCH=ON > /dev/null
ninja -C build/release lintel bench/all
tools/check.sh --format --tidy
python3 tests/gen/gen.py --lintel build/release/tools/lintel --build build/gen --seconds 20
LINTEL_JIT=eager python3 tests/gen/gen.py --lintel build/release/tools/lintel --build build/gen --seconds 20 --seed 5
python3 bench/instructions.py --lintel build/release/tools/lintel
python3 tests/run_cli.py --lintel build/release/tools/lintel --build build/cli
python3 tests/run_erl.py --lintel build/release/tools/lintel --build build/erl
LINTEL_JIT=eager python3 tests/run_erl.py --lintel build/release/tools/lintel --build build/erl
python3 tests/run_seeds.py --lintel build/release/tools/lintel --build build/erl --seeds 1..1
python3 tests/run_beams.py --lintel build/release/tools/lintel
python3 tests/check_installed.py --lintel build/release/tools/lintel
python3 tests/run_otp.py --lintel build/release/tools/lintel
python3 tests/run_flags.py --lintel build/release/tools/lintel
python3 tests/run_compile.py --lintel build/release/tools/lintel --build build/compile --sample 8
python3 tests/run_nif.py --lintel build/release/tools/lintel
python3 tests/run_nif.py --lintel build/dev/tools/lintel
python3 tests/run_projects.py --lintel build/release/tools/lintel
python3 tests/run_load.py --lintel build/release/tools/lintel
/usr/bin/python3 tests/run_terminal.py --lintel build/release/tools/lintel  # which has Debian's python3-pyte
tools/test_releases.sh build/release/tools/lintel
tools/test_conformance.sh build/release/tools/lintel
python3 tests/run_dist.py --lintel build/release/tools/lintel
python3 tests/run_elixir.py --lintel build/release/tools/lintel --build build/elixir
ctest --test-dir build/dev --output-on-failure -j "$(nproc)" --timeout 300
tools/check_threads.sh races/
tools/fuzz.sh 20
