#!/usr/bin/env bash
# Builds for AArch64 with Debian's cross compiler, and compares programs with `erl` under qemu's user emulation, with and without machine code.
#     tools/aarch64.sh            tests/erl, a quarter of an hour
#     tools/aarch64.sh TEXT       only programs whose area/name contains this
# Wants g++-aarch64-linux-gnu. Debian's libraries for arm64, and a qemu of a newer Debian, are unpacked in build/aarch64-libraries: before 8.1, qemu
# does not see that code is written through another mapping. What it does otherwise than Linux: some options of sockets, and it is slow.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD/build/aarch64-libraries
packages=(libc6-dev libstdc++-12-dev libmimalloc-dev libuv1-dev libre2-dev libpcre2-dev libgmp-dev zlib1g-dev libzstd-dev libunibilium-dev libsodium-dev
          libasmjit-dev libgtest-dev libcli11-dev)
command -v aarch64-linux-gnu-g++ > /dev/null || { echo "aarch64: the compiler is missing: apt-get install g++-aarch64-linux-gnu" >&2; exit 1; }

. tools/private_apt.sh
fetch() {  # FOLDER TO ARCHITECTURE SUITE PACKAGE…
    local folder=$1 to=$2 architecture=$3 suite=$4
    shift 4
    [ ! -e "$to.complete" ] || return 0
    mkdir -p "$folder"
    touch "$folder/status"
    local system=(-o APT::Architecture="$architecture" -o APT::Architectures::="$architecture" -o Dir::State::status="$folder/status")
    private_apt "$folder" "deb $suite" "${system[@]}" update
    private_apt "$folder" "deb $suite" "${system[@]}" install -y --download-only --no-install-recommends "$@" > /dev/null
    for package in "$folder"/cache/archives/*.deb; do dpkg -x "$package" "$to"; done
    rm -rf "$folder"
    touch "$to.complete"
}
fetch "$root/apt" "$root/sysroot" arm64 bookworm "${packages[@]}"
fetch "$root/apt" "$root/qemu" "$(dpkg --print-architecture)" trixie qemu-user

cmake --preset release -B build/aarch64 -DCMAKE_TOOLCHAIN_FILE=cmake/AArch64.cmake "-DLINTEL_SYSROOT=$root/sysroot" -DLINTEL_BUILD_TESTS=OFF > /dev/null
ninja -C build/aarch64 lintel
printf '#!/bin/sh\nexec %s -L %s %s "$@"\n' "$root/qemu/usr/bin/qemu-aarch64" "$root/sysroot" "$PWD/build/aarch64/tools/lintel" > build/aarch64/lintel
chmod +x build/aarch64/lintel
build/aarch64/lintel --version -v
status=0
for mode in off eager; do
    echo "aarch64: LINTEL_JIT=$mode"
    LINTEL_JIT=$mode python3 tests/run_erl.py --lintel build/aarch64/lintel --build build/erl --timeout 300 --filter "${1:-}" || status=1
done
exit $status
