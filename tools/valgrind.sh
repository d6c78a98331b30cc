#!/usr/bin/env bash
# Memcheck: native libraries, programs of tests/erl and hosts under valgrind, with a build without sanitizers.
#     tools/valgrind.sh [NAME…]      NAME: instead of the usual programs of tests/erl those whose area/name contains it
# BUILD=DIR: the build (build/quick). Reports go to build/valgrind. Without hosts if the build has none (LINTEL_BUILD_TESTS); some six minutes with them.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build/quick}
lintel=$(realpath "$build")/tools/lintel
reports=$PWD/build/valgrind
names=("$@")
[ $# -gt 0 ] || names=(binaries/ calls/ exceptions/ maps/ terms/ ets/ messages)
command -v valgrind > /dev/null || { echo "valgrind: NOT TESTED: there is no valgrind"; exit 0; }
rm -rf "$reports"
mkdir -p "$reports/lib"

# Memcheck knows malloc, not mimalloc. Where that has no functions the VM asks malloc (base/alloc.cpp).
soname=$(readelf -d "$lintel" | sed -n 's/.*NEEDED.*\[\(libmimalloc[^]]*\)\].*/\1/p')
[ -n "$soname" ] || { echo "valgrind: $lintel has mimalloc inside" >&2; exit 2; }
echo | cc -shared -x c - -Wl,-soname,"$soname" -o "$reports/lib/$soname"
memcheck="valgrind --quiet --error-exitcode=77 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --num-callers=25
          --suppressions=$PWD/tools/valgrind.supp
          --log-file=$reports/report.%p"
cat > "$reports/lintel" <<END
#!/bin/sh
# Folders of links are of the program itself.
[ "\$1" != link-otp ] || exec $lintel "\$@"
export LD_LIBRARY_PATH=$reports/lib
exec $(echo $memcheck) $lintel "\$@"
END
chmod +x "$reports/lintel"

status=0
echo "valgrind: native libraries"
python3 tests/run_nif.py --lintel "$reports/lintel" --profile bare --timeout 300 || status=1
for name in "${names[@]}"; do
    echo "valgrind: $name"
    python3 tests/run_erl.py --lintel "$reports/lintel" --build build/erl --timeout 300 --filter "$name" || status=1
done
hosts=$build/tests/embed
# Not scope: valgrind does not know openat2, without which a root of files lets nobody in.
for host in calls terms callbacks two_vms create_destroy config files sockets signals nifs from_cpp wrapper; do
    program=$hosts/embed_${host}_static
    [ -x "$program" ] || continue
    arguments=("$hosts/ebin")
    case $host in
        nifs) arguments+=("$hosts/guest_nif") ;;
        from_cpp | wrapper) arguments=() ;;
    esac
    echo "valgrind: host $host"
    LD_LIBRARY_PATH=$reports/lib timeout 300 $memcheck "$program" "${arguments[@]}" > "$reports/output" || { status=1; cat "$reports/output"; }
done
for report in "$reports"/report.*; do
    [ ! -s "$report" ] || { sed "s|$PWD/||; s/^==[0-9]*== //" "$report" | head -60; status=1; }
done
exit $status
