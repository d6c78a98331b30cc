#!/usr/bin/env bash
# The main job: builds Lintel and runs real, separately compiled GenServer and Supervisor code on it.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh
echo "build: configuring"
cmake --preset release -DLINTEL_BUILD_TESTS=OFF > /dev/null
ninja -C build/release lintel
mkdir -p build/examples
echo "erlc: compiling examples/bank"
erlc -o build/examples examples/bank/*.erl
echo "lintel run -pa build/examples -m bank"
build/release/tools/lintel run -pa build/examples -m bank
