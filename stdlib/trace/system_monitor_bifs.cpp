/// erlang:system_monitor/0,1,2.

#include "stdlib/build.h"
#include "term/views.h"

namespace lintel {

namespace {

Term present(ExecState& p, const SystemMonitor& monitor) {
    const Term pid(monitor.pid.load(std::memory_order_relaxed));
    if (pid.is_none() || static_cast<Vm*>(p.vm)->processes.find(pid) == nullptr) return am::undefined();
    Term list = Term::nil();
    const auto limit = [&](Term name, const std::atomic<uint64_t>& value) {
        if (const uint64_t n = value.load(std::memory_order_relaxed); n != 0)
            list = make_cons(p, make_tuple2(p, name, make_unsigned(p, n)), list);
    };
    limit(am::long_gc(), monitor.long_gc_ms);
    limit(am::long_schedule(), monitor.long_schedule_ms);
    limit(am::large_heap(), monitor.large_heap_words);
    if (monitor.busy_port.load(std::memory_order_relaxed)) list = make_cons(p, am::busy_port(), list);
    if (monitor.busy_dist_port.load(std::memory_order_relaxed)) list = make_cons(p, am::busy_dist_port(), list);
    return make_tuple2(p, pid, list);
}

Term change(Process& p, Term pid, Term list) {
    Vm& vm = p.machine();
    SystemMonitor& monitor = vm.system_monitor;
    const std::lock_guard lock(vm.tracing.mutex);
    if (pid == am::undefined() || list.is_nil()) {
        const Term before = present(p, monitor);
        monitor.clear();
        return before;
    }
    if (!pid.is_local_pid() || vm.processes.find(pid) == nullptr) return p.badarg();
    constexpr int64_t kSmallestHeap = 16384;
    int64_t long_gc = 0, long_schedule = 0, large_heap = 0;
    bool busy_port = false, busy_dist_port = false;
    for (; list.is_cons(); list = list.tail()) {
        const Term item = list.head();
        if (item == am::busy_port()) {
            busy_port = true;
        } else if (item == am::busy_dist_port()) {
            busy_dist_port = true;
        } else {
            const TupleView pair = as_tuple(item, 2);
            if (!pair || !pair[1].is_small() || pair[1].to_small() < 0) return p.badarg();
            const int64_t n = std::max<int64_t>(pair[1].to_small(), 1);
            if (pair[0] == am::long_gc()) {
                long_gc = n;
            } else if (pair[0] == am::long_schedule()) {
                long_schedule = n;
            } else if (pair[0] == am::large_heap()) {
                large_heap = std::max(n, kSmallestHeap);
            } else {
                return p.badarg();
            }
        }
    }
    if (!list.is_nil()) return p.badarg();
    const Term before = present(p, monitor);
    monitor.pid.store(pid.word(), std::memory_order_relaxed);
    monitor.long_gc_ms.store(static_cast<uint64_t>(long_gc), std::memory_order_relaxed);
    monitor.long_schedule_ms.store(static_cast<uint64_t>(long_schedule), std::memory_order_relaxed);
    monitor.large_heap_words.store(static_cast<uint64_t>(large_heap), std::memory_order_relaxed);
    monitor.busy_port.store(busy_port, std::memory_order_relaxed);
    monitor.busy_dist_port.store(busy_dist_port, std::memory_order_relaxed);
    return before;
}

}  // namespace

/// erlang:system_monitor/0: {Pid, Options}, or undefined.
Term system_monitor_0(ExecState& p, Args) { return present(p, static_cast<Vm*>(p.vm)->system_monitor); }

/// erlang:system_monitor/1: undefined, or {Pid, Options}; what it was before. Fails: badarg.
Term system_monitor_1(ExecState& p, Args a) {
    if (a[0] == am::undefined()) return change(as_process(p), am::undefined(), Term::nil());
    const TupleView pair = as_tuple(a[0], 2);
    return pair ? change(as_process(p), pair[0], pair[1]) : p.badarg();
}

/// erlang:system_monitor/2: what it was before. Fails: badarg.
Term system_monitor_2(ExecState& p, Args a) { return change(as_process(p), a[0], a[1]); }

}  // namespace lintel
