#include "sched/trace.h"

#include <time.h>

#include "gc/copy.h"
#include "loader/etf.h"
#include "sched/vm.h"
#include "term/views.h"

namespace lintel {

// ---- who traces whom

bool Tracing::change(Tracee& tracee, bool on, uint32_t mask, Term tracer) {
    const Term present = tracee.tracer_term();
    const uint32_t flags = tracee.flags.load(std::memory_order_relaxed);
    if (tracer.is_value() && (flags & kTraceeFlags) != 0 && present != tracer && is_alive(present)) return false;
    const uint32_t after = on ? flags | mask : flags & ~mask;
    // Who sees flags finds a tracer.
    if ((after & kTraceeFlags) != 0 && tracer.is_value()) tracee.tracer.store(tracer.word(), std::memory_order_release);
    if (on) {
        tracee.flags.fetch_or(mask, std::memory_order_release);
    } else {
        tracee.flags.fetch_and(~mask, std::memory_order_release);
    }
    if ((after & kTraceeFlags) == 0) tracee.tracer.store(0, std::memory_order_release);
    return true;
}

bool Tracing::is_alive(Term tracer) const {
    if (tracer.is_local_pid()) {
        const Process* p = vm_.processes.find(tracer);
        return p != nullptr && !p->is_exiting.load(std::memory_order_relaxed);
    }
    return tracer.is_local_port() && vm_.ports.find(tracer) != nullptr;
}

void Tracing::forget(Tracee& tracee, Term tracer) {
    const std::lock_guard lock(mutex);
    if (tracee.tracer_term() != tracer) return;
    tracee.flags.fetch_and(~kTraceeFlags, std::memory_order_release);
    tracee.tracer.store(0, std::memory_order_release);
}

// ---- events as messages

namespace {

Term mega_seconds(HeapBuilder& heap, int64_t us) {
    return heap.tuple(Term::small(us / 1000000000000), Term::small(us / 1000000 % 1000000), Term::small(us % 1000000));
}

}  // namespace

Term trace_time(Vm& vm, uint32_t flags, HeapBuilder& heap) {
    if ((flags & kTraceTimestamp) != 0) {
        if (vm.tracing.cpu_timestamps.load(std::memory_order_relaxed)) {
            timespec t{};
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
            return mega_seconds(heap, t.tv_sec * 1000000 + t.tv_nsec / 1000);
        }
        return mega_seconds(heap, vm.unique_now_us());
    }
    const Term now = heap.integer(vm.monotonic_ns());
    if ((flags & kTraceStrictMonotonic) == 0) return now;
    const Word n = vm.unique_counter.fetch_add(1, std::memory_order_relaxed);
    return heap.tuple(now, heap.integer(static_cast<int64_t>(n) - (INT64_C(1) << 59)));
}

namespace {

/// {Module, Function, Arity}
Term function_term(HeapBuilder& heap, const CodeLocation& at) {
    const Module& m = *at.loaded->module;
    const Module::Function& f = m.functions[at.function];
    return heap.tuple(m.name, f.name, Term::small(f.arity));
}

}  // namespace

bool Tracing::tell(Term tracer, uint32_t flags, Term who, const TraceEvent& event, const Scheduler* scheduler) {
    if (tracer == who) return true;  // nobody is told of himself
    Process* const to = tracer.is_local_pid() ? vm_.processes.find(tracer) : nullptr;
    const std::shared_ptr<Port> port = tracer.is_local_port() ? vm_.ports.find(tracer) : nullptr;
    if (to == nullptr && port == nullptr) return false;
    const LiteralSpace* shared = &vm_.literals;
    const bool is_timed = (flags & kTraceAnyTimestamp) != 0;
    const bool has_result = event.result.is_value() && event.result != am::true_();
    size_t words =
        flat_size(who, shared) + flat_size(event.data, shared) + tuple_words(8) + (is_timed ? kTraceTimeWords : 0);
    if (event.extra.is_value()) words += flat_size(event.extra, shared);
    if (has_result) words += flat_size(event.result, shared);
    const MemoryReserve reserve;
    auto* s = make_signal<Signal>(SignalKind::message, words);
    if (s == nullptr) return true;  // there is no memory for it
    {
        HeapBuilder heap(s->fragment);
        Term parts[8];
        size_t n = 0;
        parts[n++] = event.tag == am::seq_trace() ? am::seq_trace() : is_timed ? am::trace_ts() : am::trace();
        parts[n++] = copy_term(who, heap, shared);  // a label of seq_trace may be any term
        if (event.tag != am::seq_trace()) parts[n++] = event.tag;
        parts[n++] = copy_term(event.data, heap, shared);
        if (event.extra.is_value()) parts[n++] = copy_term(event.extra, heap, shared);
        if (has_result) parts[n++] = copy_term(event.result, heap, shared);
        if ((flags & kTraceSchedulerId) != 0)
            parts[n++] = Term::small(scheduler != nullptr ? static_cast<int64_t>(scheduler->index) + 1 : 0);
        if (is_timed) parts[n++] = trace_time(vm_, flags, heap);
        Word* elements;
        s->term = heap.tuple_of(n, &elements);
        for (size_t i = 0; i < n; ++i) elements[i] = parts[i].word();
    }
    if (port != nullptr) {
        // As if it had been sent to the port as a command, in the external term format.
        std::string bytes;
        encode_etf({vm_.atoms, &vm_.code, false, vm_.node_name(), vm_.creation()}, s->term, {}, bytes);
        free_signal(s);
        const std::lock_guard lock(port->mutex);
        if (port->state != Port::State::open) return false;
        port->driver().output(*port, bytes);
        return true;
    }
    if (vm_.deliver(*to, s)) return true;
    free_signal(s);
    return false;
}

void Tracing::tell(Tracee& tracee, Term who, const TraceEvent& event, const Scheduler* scheduler) {
    const uint32_t flags = tracee.flags.load(std::memory_order_acquire);
    const Term tracer = tracee.tracer_term();
    if (tracer.is_none() || (flags & kTraceSensitive) != 0) return;
    if (!tell(tracer, flags, who, event, scheduler)) forget(tracee, tracer);
}

// ---- messages

void Tracing::sending(Process& p, Term to, Term message) {
    Term result = am::true_();
    if (hooks.matches_send != nullptr) result = hooks.matches_send(p, to, message);
    if (result == am::false_()) return;
    const bool is_gone = to.is_local_pid() && vm_.processes.find(to) == nullptr;
    const Term tag = is_gone ? am::send_to_non_existing_process() : am::send();
    tell(p.tracee, p.self, {tag, message, to, result}, p.scheduler);
}

void Tracing::receiving(Process& p, const Signal& message) {
    Term result = am::true_();
    if (hooks.matches_receive != nullptr)
        result = hooks.matches_receive(p, vm_.node_name(), am::undefined(), message.term);
    if (result == am::false_()) return;
    tell(p.tracee, p.self, {am::receive(), message.term, Term::none(), result}, p.scheduler);
}

// ---- life

void Tracing::proc_event(Process& p, Term tag, Term data) { tell(p.tracee, p.self, {tag, data}, p.scheduler); }

void Tracing::scheduled(Process& p, Term tag) {
    Word words[tuple_words(3)];
    Word* top = words;
    HeapBuilder heap(&top, tuple_words(3), nullptr);
    Term where = Term::small(0);
    if (!p.exiting) {
        if (const CodeLocation at = vm_.locate_process(p); at.loaded != nullptr) {
            where = function_term(heap, at);
        } else if (p.initial_call != nullptr) {
            where = heap.tuple(p.initial_call->module, p.initial_call->function, Term::small(p.initial_call->arity));
        }
    }
    tell(p.tracee, p.self, {tag, where}, p.scheduler);
}

void Tracing::slice_begins(Process& p) {
    if (p.tracee.is_any_on(kTraceRunning | kTraceRunningProcs)) scheduled(p, am::in());
    if (p.extra != nullptr && p.extra->timed_function != nullptr) hooks.time_slice(p, true);
}

void Tracing::slice_ends(Process& p, bool exited) {
    if (p.extra != nullptr && p.extra->timed_function != nullptr) hooks.time_slice(p, false);
    if (p.tracee.is_any_on(kTraceRunning | kTraceRunningProcs) && !exited) scheduled(p, am::out());
}

void Tracing::collecting(Process& p, Term tag, size_t words) {
    const Heap& h = p.heap;
    const auto n = [](size_t value) { return Term::small(static_cast<int64_t>(value)); };
    const auto bytes = [](size_t value) { return Term::small(static_cast<int64_t>(value / kWordBytes)); };
    const Term items[][2] = {
        {am::wordsize(), n(words)},
        {am::old_heap_block_size(), n(static_cast<size_t>(h.old_end - h.old_start))},
        {am::heap_block_size(), n(h.block_words())},
        {am::mbuf_size(), n(h.fragment_words)},
        {am::recent_size(), n(static_cast<size_t>(h.htop - h.high_water))},
        {am::stack_size(), n(h.stack_words())},
        {am::old_heap_size(), n(static_cast<size_t>(h.old_top - h.old_start))},
        {am::heap_size(), n(static_cast<size_t>(h.htop - h.start))},
        {am::bin_vheap_size(), bytes(h.off_heap.bytes)},
        {am::bin_vheap_block_size(), bytes(p.binary_limit)},
        {am::bin_old_vheap_size(), bytes(h.old_off_heap.bytes)},
        {am::bin_old_vheap_block_size(), bytes(p.old_binary_limit)},
    };
    constexpr size_t kWords = std::size(items) * (tuple_words(2) + kConsWords);
    Word buffer[kWords];
    Word* top = buffer;
    HeapBuilder heap(&top, kWords, nullptr);
    Term list = Term::nil();
    for (size_t i = std::size(items); i-- > 0;) list = heap.cons(heap.tuple(items[i][0], items[i][1]), list);
    tell(p.tracee, p.self, {tag, list}, p.scheduler);
}

void Tracing::returned_to(Process& p, const void* address) {
    if (!p.tracee.is_on(kTraceReturnTo)) return;
    Word words[tuple_words(3)];
    Word* top = words;
    HeapBuilder heap(&top, tuple_words(3), nullptr);
    const CodeLocation at = address != nullptr ? vm_.engine.locate(address) : CodeLocation();
    const Term where = at.loaded != nullptr ? function_term(heap, at) : am::undefined();
    tell(p.tracee, p.self, {am::return_to(), where}, p.scheduler);
}

/// `to`, which nobody else sees yet or which is the caller's, gets what `from` has if one of the flags is on; with one of `once`,
/// `from` and `to` lose `always` and `once`.
void Tracing::inherit(Process& from, Tracee& to, uint32_t always, uint32_t once) {
    if (!from.tracee.is_any_on(always | once)) return;
    const std::lock_guard lock(mutex);
    uint32_t flags = from.tracee.flags.load(std::memory_order_relaxed) & kTraceeFlags;
    if ((flags & (always | once)) == 0) return;
    if ((flags & once) != 0) {
        from.tracee.flags.fetch_and(~(always | once), std::memory_order_release);
        flags &= ~(always | once);
    }
    to.tracer.store(from.tracee.tracer.load(std::memory_order_relaxed), std::memory_order_release);
    to.flags.fetch_or(flags, std::memory_order_release);
}

void Tracing::spawned(const SpawnOptions& options, Process& child) {
    Process* const parent = options.parent;
    if (new_processes.is_any_on(kTraceeFlags)) {
        const std::lock_guard lock(mutex);
        const uint32_t flags = new_processes.flags.load(std::memory_order_relaxed);
        if (const Term tracer = new_processes.tracer_term(); tracer.is_value())
            change(child.tracee, true, flags, tracer);
    }
    if (parent != nullptr) {
        inherit(*parent, child.tracee, kTraceSetOnSpawn, kTraceSetOnFirstSpawn);
        // As in OTP 25 only here, and not by link/1, whatever the manual says.
        if (options.link) inherit(*parent, child.tracee, kTraceSetOnLink, kTraceSetOnFirstLink);
    }
    const bool tells_parent = parent != nullptr && parent->tracee.is_on(kTraceProcs);
    const bool tells_child = child.tracee.is_on(kTraceProcs);
    if (!tells_parent && !tells_child) return;
    Word words[tuple_words(3)];
    Word* top = words;
    HeapBuilder heap(&top, tuple_words(3), nullptr);
    const Term mfa = heap.tuple(options.module, options.function, options.arguments);
    const Scheduler* const here = parent != nullptr ? parent->scheduler : nullptr;
    if (tells_parent) {
        tell(parent->tracee, parent->self, {am::spawn(), child.self, mfa}, here);
        if (options.link) tell(parent->tracee, parent->self, {am::link(), child.self}, here);
    }
    if (tells_child) {
        const Term by = parent != nullptr ? parent->self : am::undefined();
        tell(child.tracee, child.self, {am::spawned(), by, mfa}, here);
        if (options.link && parent != nullptr) tell(child.tracee, child.self, {am::getting_linked(), by}, here);
    }
}

}  // namespace lintel
