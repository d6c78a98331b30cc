#include "sched/system_profile.h"

#include "sched/vm.h"

namespace lintel {

void SystemProfile::clear() {
    runnable_procs.store(false, std::memory_order_relaxed);
    runnable_ports.store(false, std::memory_order_relaxed);
    schedulers.store(false, std::memory_order_relaxed);
    exclusive.store(false, std::memory_order_relaxed);
    profiler.store(0, std::memory_order_relaxed);
}

/// A message made by build(heap, the time), which takes an event's tuple and a function's.
template <typename F>
void SystemProfile::tell(Vm& vm, F build) {
    const Term to(profiler.load(std::memory_order_relaxed));
    if (to.is_none()) return;
    const ForeignReader reader(vm.epochs);  // a scheduler that has slept, a thread of the event loop
    const std::lock_guard lock(order_);
    const MemoryReserve reserve;
    auto* s = make_signal<Signal>(SignalKind::message, tuple_words(6) + tuple_words(3) + kTraceTimeWords);
    if (s == nullptr) return;
    {
        HeapBuilder heap(s->fragment);
        const Term time = trace_time(vm, time_flags.load(std::memory_order_relaxed), heap);
        s->term = build(heap, time);
    }
    vm.deliver(to, s);
}

void SystemProfile::process(Process& p, bool active) {
    if (profiler.load(std::memory_order_relaxed) == p.self.word()) return;
    Vm& vm = p.machine();
    tell(vm, [&](HeapBuilder& heap, Term time) {
        const CodeLocation at = p.exiting ? CodeLocation() : vm.locate_process(p);
        Term where = Term::small(0);
        if (at.loaded != nullptr) {
            const Module& m = *at.loaded->module;
            const Module::Function& f = m.functions[at.function];
            where = heap.tuple(m.name, f.name, Term::small(f.arity));
        } else if (!p.exiting && p.initial_call != nullptr) {
            where = heap.tuple(p.initial_call->module, p.initial_call->function, Term::small(p.initial_call->arity));
        }
        return heap.tuple(am::profile(), p.self, active ? am::active() : am::inactive(), where, time);
    });
}

void SystemProfile::port(Port& port, bool active) {
    tell(port.vm, [&](HeapBuilder& heap, Term time) {
        return heap.tuple(am::profile(), port.self, active ? am::active() : am::inactive(), Term::small(0), time);
    });
}

void SystemProfile::scheduler(Vm& vm, size_t number, bool active) {
    count_schedulers(vm);
    tell(vm, [&](HeapBuilder& heap, Term time) {
        return heap.tuple(am::profile(), am::scheduler(), Term::small(static_cast<int64_t>(number)),
                          active ? am::active() : am::inactive(), Term::small(active_schedulers_), time);
    });
}

void SystemProfile::count_schedulers(Vm& vm) {
    const std::lock_guard lock(order_);
    active_schedulers_ = 0;
    for (size_t i = 0; i < vm.scheduler_count(); ++i) active_schedulers_ += vm.scheduler(i).is_asleep() ? 0 : 1;
}

}  // namespace lintel
