#include "sched/system_monitor.h"

#include "sched/vm.h"

namespace lintel {

namespace {

/// {monitor, Who, What, build(heap)} to the monitor, unless that is `p` itself.
template <typename Build>
void tell(Process& p, const SystemMonitor& monitor, Term what, size_t words, Build build) {
    const Term to(monitor.pid.load(std::memory_order_relaxed));
    if (to.is_none() || to == p.self) return;
    const MemoryReserve reserve;
    auto* s = make_signal<Signal>(SignalKind::message, tuple_words(4) + words);
    if (s == nullptr) return;
    {
        HeapBuilder heap(s->fragment);
        const Term spec = build(heap);
        s->term = heap.tuple(am::monitor(), p.self, what, spec);
    }
    p.machine().deliver(to, s);
}

struct Pair {
    Term key, value;
};

Term pair_list(HeapBuilder& heap, std::span<const Pair> pairs) {
    Term list = Term::nil();
    for (size_t i = pairs.size(); i-- > 0;) list = heap.cons(heap.tuple(pairs[i].key, pairs[i].value), list);
    return list;
}

constexpr size_t pair_list_words(size_t n) { return n * (tuple_words(2) + kConsWords); }

Term n(size_t value) { return Term::small(static_cast<int64_t>(value)); }

}  // namespace

void SystemMonitor::clear() {
    pid.store(0, std::memory_order_relaxed);
    long_gc_ms.store(0, std::memory_order_relaxed);
    long_schedule_ms.store(0, std::memory_order_relaxed);
    large_heap_words.store(0, std::memory_order_relaxed);
    busy_port.store(false, std::memory_order_relaxed);
    busy_dist_port.store(false, std::memory_order_relaxed);
}

void SystemMonitor::collected(Process& p, int64_t ns) {
    const Heap& h = p.heap;
    const auto old_words = static_cast<size_t>(h.old_end - h.old_start);
    const auto ms = static_cast<uint64_t>(ns / 1000000);
    const Pair all[] = {
        {am::timeout(), n(ms)},
        {am::old_heap_block_size(), n(old_words)},
        {am::heap_block_size(), n(h.block_words())},
        {am::mbuf_size(), n(h.fragment_words)},
        {am::stack_size(), n(h.stack_words())},
        {am::old_heap_size(), n(static_cast<size_t>(h.old_top - h.old_start))},
        {am::heap_size(), n(static_cast<size_t>(h.htop - h.start))},
    };
    const std::span<const Pair> sizes = std::span(all).subspan(1);
    const uint64_t long_gc = long_gc_ms.load(std::memory_order_relaxed);
    if (long_gc != 0 && ms > long_gc) {
        tell(p, *this, am::long_gc(), pair_list_words(std::size(all)),
             [&](HeapBuilder& heap) { return pair_list(heap, all); });
    }
    const uint64_t large_heap = large_heap_words.load(std::memory_order_relaxed);
    if (large_heap != 0 && h.block_words() + old_words >= large_heap) {
        tell(p, *this, am::large_heap(), pair_list_words(sizes.size()),
             [&](HeapBuilder& heap) { return pair_list(heap, sizes); });
    }
}

void SystemMonitor::ran(Process& p, const CodeLocation& in, int64_t ns) {
    const auto ms = static_cast<uint64_t>(ns / 1000000);
    const uint64_t limit = long_schedule_ms.load(std::memory_order_relaxed);
    if (limit == 0 || ms < limit) return;
    const CodeLocation out = p.machine().locate_process(p);
    tell(p, *this, am::long_schedule(), pair_list_words(3) + 2 * tuple_words(3), [&](HeapBuilder& heap) {
        const auto function = [&heap](const CodeLocation& at) {
            if (at.loaded == nullptr) return am::undefined();
            const Module& m = *at.loaded->module;
            const Module::Function& f = m.functions[at.function];
            return heap.tuple(m.name, f.name, Term::small(f.arity));
        };
        const Pair pairs[] = {{am::timeout(), n(ms)}, {am::in(), function(in)}, {am::out(), function(out)}};
        return pair_list(heap, pairs);
    });
}

void SystemMonitor::suspended_by(Process& p, Term port) {
    if (!busy_port.load(std::memory_order_relaxed)) return;
    tell(p, *this, am::busy_port(), 0, [port](HeapBuilder&) { return port; });
}

}  // namespace lintel
