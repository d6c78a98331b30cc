#!/usr/bin/env bash
# Data races: builds preset tsan (ThreadSanitizer), runs the unit tests of sched/ and the programs in which threads meet.
#     tools/check_threads.sh [NAME…]      NAME: instead of the usual programs those whose area/name contains it
# SCHEDULERS=N: scheduler threads (4). Reports go to build/tsan/reports. On two processors six minutes for building, then
# some more; `races/` alone takes one. (Programs that wait for a time in which nothing comes, as apps/restart_strategies, may differ.)
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/tsan
names=("$@")
[ $# -gt 0 ] || names=(races/ processes/ ets/ code/ otp/ shared_memory logger/)
[ -f $build/build.ninja ] || cmake --preset tsan > /dev/null
ninja -C $build lintel sched_test
rm -rf $build/reports
mkdir -p $build/reports
export TSAN_OPTIONS="halt_on_error=0 exitcode=66 history_size=4 second_deadlock_stack=1 log_path=$PWD/$build/reports/report"

# `lintel run -S N …`
cat > $build/lintel_threads <<END
#!/bin/sh
command=\$1; shift
exec $PWD/$build/tools/lintel \$command -S ${SCHEDULERS:-4} "\$@"
END
chmod +x $build/lintel_threads

status=0
$build/tests/sched_test --gtest_brief=1 || status=1
for name in "${names[@]}"; do
    echo "threads: $name"
    python3 tests/run_erl.py --lintel $build/lintel_threads --build build/erl_tsan --timeout 300 --filter "$name" || status=1
done
if ls $build/reports/report.* > /dev/null 2>&1; then
    cat $build/reports/report.* | grep -h '^SUMMARY:' | sed "s|$PWD/||" | sort | uniq -c | sort -rn
    echo "threads: $build/reports has the stacks"
    status=1
fi
exit $status
