#!/usr/bin/env bash
# Fuzzes the readers and the verifier: tools/fuzz.sh [SECONDS each, default 60] [TARGET…]. Builds preset fuzz (clang), makes the first inputs from
# tests/fuzz/seeds and tests/erl, and keeps what it finds in build/fuzz/corpus. A crash ends it with status 1; its input is printed
# and stays in build/fuzz/crashes.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(load_fuzz etf_fuzz dist_fuzz pack_fuzz verify_fuzz)
if [ "${LINTEL_FUZZ_BUILD:-1}" = 1 ]; then
  cmake --preset fuzz > /dev/null
  ninja -C build/fuzz "${targets[@]}"
fi

work=build/fuzz
seeds=$work/seeds
mkdir -p $work/crashes
# The same programs as compilers of several releases write them.
for release in 0 r22 r23 r24; do
  mkdir -p $seeds/verify $seeds/$release
  flag=(); [ $release = 0 ] || flag=("+$release")
  erlc +deterministic +no_debug_info "${flag[@]}" -o $seeds/$release tests/fuzz/seeds/*.erl
  for beam in $seeds/$release/*.beam; do cp "$beam" "$seeds/verify/$release.$(basename "$beam")"; done
done
mkdir -p $seeds/load $seeds/etf $seeds/dist $seeds/pack
printf '\000\000\000\030\001' > $seeds/pack/changed
printf '\001\000\000\030\001\377\020' > $seeds/pack/cut
printf '\002\000\020\010\001' > $seeds/pack/row
cp $seeds/verify/*.beam $seeds/load
escript tests/fuzz/etf_seeds.escript $seeds/etf
escript tests/fuzz/dist_seeds.escript $seeds/dist

status=0
for target in "${targets[@]}"; do
  name=${target%_fuzz}
  mkdir -p $work/corpus/$name
  echo "fuzz: $target for $seconds seconds"
  if ! $work/tests/fuzz/$target -max_total_time="$seconds" -timeout=25 -rss_limit_mb=3000 -max_len=16384 -print_final_stats=1 \
      -artifact_prefix=$work/crashes/$target. $work/corpus/$name $seeds/$name > $work/$target.log 2>&1; then
    grep -E "ERROR|SUMMARY|runtime error|assertion|Test unit written" $work/$target.log || tail -20 $work/$target.log
    status=1
  fi
  grep -E "number_of_executed_units|average_exec_per_sec" $work/$target.log || true
done
exit $status
