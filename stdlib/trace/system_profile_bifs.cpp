/// erlang:system_profile/0,2.

#include "stdlib/build.h"

namespace lintel {

namespace {

Term present(ExecState& p, const SystemProfile& profile) {
    const Term to(profile.profiler.load(std::memory_order_relaxed));
    if (to.is_none()) return am::undefined();
    Term list = Term::nil();
    const auto add = [&](const std::atomic<bool>& is_on, Term name) {
        if (is_on.load(std::memory_order_relaxed)) list = make_cons(p, name, list);
    };
    add(profile.runnable_ports, am::runnable_ports());
    add(profile.runnable_procs, am::runnable_procs());
    add(profile.schedulers, am::scheduler());
    add(profile.exclusive, am::exclusive());
    return make_tuple2(p, to, list);
}

}  // namespace

/// erlang:system_profile/0: {Pid, Options}, or undefined.
Term system_profile_0(ExecState& p, Args) { return present(p, static_cast<Vm*>(p.vm)->system_profile); }

/// erlang:system_profile/2: who is told when processes become runnable, ports do something, schedulers sleep; what it was before. Fails: badarg; notsup for
/// ports as profilers.
Term system_profile_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    Vm& vm = p.machine();
    SystemProfile& profile = vm.system_profile;
    const std::lock_guard lock(vm.tracing.mutex);
    if (a[0] == am::undefined() || a[1].is_nil()) {
        const Term before = present(p, profile);
        profile.clear();
        return before;
    }
    if (a[0].is_local_port()) return p.notsup();
    if (!a[0].is_local_pid() || vm.processes.find(a[0]) == nullptr) return p.badarg();
    bool procs = false, ports = false, exclusive = false, scheduler = false;
    uint32_t time = kTraceTimestamp;
    Term list = a[1];
    for (; list.is_cons(); list = list.tail()) {
        switch (atom_id(list.head())) {
            case AtomId::runnable_procs: procs = true; break;
            case AtomId::runnable_ports: ports = true; break;
            case AtomId::exclusive: exclusive = true; break;
            case AtomId::scheduler: scheduler = true; break;
            case AtomId::timestamp: time = kTraceTimestamp; break;
            case AtomId::strict_monotonic_timestamp: time = kTraceStrictMonotonic; break;
            case AtomId::monotonic_timestamp: time = kTraceMonotonic; break;
            default: return p.badarg();
        }
    }
    if (!list.is_nil()) return p.badarg();
    const Term before = present(p, profile);
    profile.profiler.store(a[0].word(), std::memory_order_relaxed);
    profile.time_flags.store(time, std::memory_order_relaxed);
    profile.runnable_ports.store(ports, std::memory_order_relaxed);
    profile.exclusive.store(exclusive, std::memory_order_relaxed);
    profile.runnable_procs.store(procs, std::memory_order_relaxed);
    profile.schedulers.store(scheduler, std::memory_order_relaxed);
    return before;
}

}  // namespace lintel
