#include "sched/system_profile.h"

#include "sched/vm.h"

namespace lintel {

void SystemProfile::clear() {
    runnable_procs.store(false, std::memory_order_relaxed);
    runnable_ports.store(false, std::memory_order_relaxed);
    exclusive.store(false, std::memory_order_relaxed);
    profiler.store(0, std::memory_order_relaxed);
}

void SystemProfile::process(Process& p, bool active) {
    const Term to(profiler.load(std::memory_order_relaxed));
    if (to.is_none() || to == p.self) return;
    Vm& vm = p.machine();
    const std::lock_guard lock(order_);
    const MemoryReserve reserve;
    auto* s = make_signal<Signal>(SignalKind::message, tuple_words(5) + tuple_words(3) + kTraceTimeWords);
    if (s == nullptr) return;
    {
        HeapBuilder heap(s->fragment);
        const CodeLocation at = p.exiting ? CodeLocation() : vm.locate_process(p);
        Term where = Term::small(0);
        if (at.loaded != nullptr) {
            const Module& m = *at.loaded->module;
            const Module::Function& f = m.functions[at.function];
            where = heap.tuple(m.name, f.name, Term::small(f.arity));
        } else if (!p.exiting && p.initial_call != nullptr) {
            where = heap.tuple(p.initial_call->module, p.initial_call->function, Term::small(p.initial_call->arity));
        }
        const Term time = trace_time(vm, time_flags.load(std::memory_order_relaxed), heap);
        s->term = heap.tuple(am::profile(), p.self, active ? am::active() : am::inactive(), where, time);
    }
    vm.deliver(to, s);
}

}  // namespace lintel
