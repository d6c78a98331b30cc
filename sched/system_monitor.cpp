#include "sched/system_monitor.h"

#include <algorithm>

#include "sched/vm.h"

namespace lintel {

namespace {

/// {monitor, Who, What, build(heap)} to the receiver, unless that is `who` itself. False: it has gone.
template <typename Build>
bool tell(Vm& vm, Term who, Term receiver, Term what, size_t words, Build build) {
    if (receiver == who) return true;
    if (vm.processes.find(receiver) == nullptr) return false;
    const MemoryReserve reserve;
    auto* s = make_signal<Signal>(SignalKind::message, tuple_words(4) + words);
    if (s == nullptr) return true;
    {
        HeapBuilder heap(s->fragment);
        const Term spec = build(heap);
        s->term = heap.tuple(am::monitor(), who, what, spec);
    }
    vm.deliver(receiver, s);
    return true;
}

/// Tells the sessions for which is_wanted(session) is true. Settings of those whose receiver has gone are cleared.
template <typename Wanted, typename Build>
void tell_all(Vm& vm, Term who, Term what, Wanted is_wanted, size_t words, Build build) {
    const std::lock_guard lock(vm.tracing.mutex);
    for (const auto& session : vm.tracing.sessions()) {
        if (session->monitor.receiver.is_none() || !is_wanted(*session)) continue;
        if (tell(vm, who, session->monitor.receiver, what, words, build)) continue;
        session->monitor = {};
        vm.system_monitor.update(vm);
    }
}

template <typename Wanted, typename Build>
void tell_all(Process& p, Term what, Wanted is_wanted, size_t words, Build build) {
    tell_all(p.machine(), p.self, what, is_wanted, words, build);
}

/// Who wants to be told of a slice of `ms` milliseconds.
auto minds_slice(uint64_t ms) {
    return [ms](const TraceSession& s) { return s.monitor.long_schedule_ms != 0 && ms > s.monitor.long_schedule_ms; };
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

void SystemMonitor::update(const Vm& vm) {
    const auto smallest = [](uint64_t& least, uint64_t limit) {
        if (limit != 0 && (least == 0 || limit < least)) least = limit;
    };
    MonitorSettings all;
    for (const auto& session : vm.tracing.sessions()) {
        const MonitorSettings& s = session->monitor;
        smallest(all.long_gc_ms, s.long_gc_ms);
        smallest(all.long_schedule_ms, s.long_schedule_ms);
        smallest(all.large_heap_words, s.large_heap_words);
        smallest(all.long_queue, s.long_queue);
        all.short_queue = std::max(all.short_queue, s.short_queue);
        all.busy_port |= s.busy_port;
        all.busy_dist_port |= s.busy_dist_port;
    }
    long_gc_ms_.store(all.long_gc_ms, std::memory_order_relaxed);
    long_schedule_ms_.store(all.long_schedule_ms, std::memory_order_relaxed);
    large_heap_words_.store(all.large_heap_words, std::memory_order_relaxed);
    long_queue_.store(all.long_queue != 0 ? all.long_queue : UINT64_MAX, std::memory_order_relaxed);
    // Without any that is watched those that were too long are none.
    short_queue_.store(all.long_queue != 0 ? all.short_queue : UINT64_MAX, std::memory_order_relaxed);
    busy_port_.store(all.busy_port, std::memory_order_relaxed);
    busy_dist_port_.store(all.busy_dist_port, std::memory_order_relaxed);
}

void SystemMonitor::collected(Process& p, int64_t ns) {
    const Heap& h = p.heap;
    const auto old_words = static_cast<size_t>(h.old_end - h.old_start);
    const auto ms = static_cast<uint64_t>(ns / 1000000);
    const uint64_t words = h.block_words() + old_words;
    const uint64_t long_gc = long_gc_ms_.load(std::memory_order_relaxed);
    const uint64_t large_heap = large_heap_words_.load(std::memory_order_relaxed);
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
    if (long_gc != 0 && ms > long_gc) {
        tell_all(
            p, am::long_gc(),
            [ms](const TraceSession& s) { return s.monitor.long_gc_ms != 0 && ms > s.monitor.long_gc_ms; },
            pair_list_words(std::size(all)), [&](HeapBuilder& heap) { return pair_list(heap, all); });
    }
    if (large_heap != 0 && words >= large_heap) {
        tell_all(
            p, am::large_heap(),
            [words](const TraceSession& s) {
                return s.monitor.large_heap_words != 0 && words >= s.monitor.large_heap_words;
            },
            pair_list_words(sizes.size()), [&](HeapBuilder& heap) { return pair_list(heap, sizes); });
    }
}

void SystemMonitor::ran(Process& p, const CodeLocation& in, int64_t ns) {
    const auto ms = static_cast<uint64_t>(ns / 1000000);
    const uint64_t limit = long_schedule_ms_.load(std::memory_order_relaxed);
    if (limit == 0 || ms <= limit) return;
    const CodeLocation out = p.machine().locate_process(p);
    const auto build = [&](HeapBuilder& heap) {
        const auto function = [&heap](const CodeLocation& at) {
            if (at.loaded == nullptr) return am::undefined();
            const Module& m = *at.loaded->module;
            const Module::Function& f = m.functions[at.function];
            return heap.tuple(m.name, f.name, Term::small(f.arity));
        };
        const Pair pairs[] = {{am::timeout(), n(ms)}, {am::in(), function(in)}, {am::out(), function(out)}};
        return pair_list(heap, pairs);
    };
    tell_all(p, am::long_schedule(), minds_slice(ms), pair_list_words(3) + 2 * tuple_words(3), build);
}

void SystemMonitor::ran(Port& port, Term operation, int64_t ns) {
    const auto ms = static_cast<uint64_t>(ns / 1000000);
    const uint64_t limit = long_schedule_ms_.load(std::memory_order_relaxed);
    if (limit == 0 || ms <= limit) return;
    const Pair pairs[] = {{am::timeout(), n(ms)}, {am::port_op(), operation}};
    tell_all(port.vm, port.self, am::long_schedule(), minds_slice(ms), pair_list_words(std::size(pairs)),
             [&](HeapBuilder& heap) { return pair_list(heap, pairs); });
}

void SystemMonitor::suspended_by(Process& p, Term port, bool is_node) {
    if (!(is_node ? busy_dist_port_ : busy_port_).load(std::memory_order_relaxed)) return;
    tell_all(
        p, is_node ? am::busy_dist_port() : am::busy_port(),
        [is_node](const TraceSession& s) { return is_node ? s.monitor.busy_dist_port : s.monitor.busy_port; }, 0,
        [port](HeapBuilder&) { return port; });
}

void SystemMonitor::queue_is_long(Process& p) {
    const auto is_news = [&p](const TraceSession& s) {
        if (s.monitor.long_queue == 0 || p.mailbox.count < s.monitor.long_queue) return false;
        std::vector<Term>& told = p.need_extra().long_queue_of;
        if (std::ranges::find(told, s.id) != told.end()) return false;
        told.push_back(s.id);
        p.tracee.flags.fetch_or(kTraceLongQueue, std::memory_order_relaxed);
        return true;
    };
    tell_all(p, am::long_message_queue(), is_news, 0, [](HeapBuilder&) { return am::true_(); });
}

void SystemMonitor::queue_is_short(Process& p) {
    std::vector<Term>& told = p.extra->long_queue_of;
    std::vector<Term> still;
    const auto is_news = [&](const TraceSession& s) {
        if (std::ranges::find(told, s.id) == told.end() || s.monitor.long_queue == 0) return false;
        const bool is_short = p.mailbox.count <= s.monitor.short_queue;
        if (!is_short) still.push_back(s.id);
        return is_short;
    };
    tell_all(p, am::long_message_queue(), is_news, 0, [](HeapBuilder&) { return am::false_(); });
    told.swap(still);
    if (told.empty()) p.tracee.flags.fetch_and(~uint32_t{kTraceLongQueue}, std::memory_order_relaxed);
}

}  // namespace lintel
