#include "sched/trace.h"

#include <time.h>

#include "gc/copy.h"
#include "loader/etf.h"
#include "sched/heap_sizes.h"
#include "sched/vm.h"
#include "term/views.h"

namespace lintel {

// ---- who traces whom

Tracing::~Tracing() {
    for (const Retired& r : retired_) destroy(r.tracee);
}

/// Tracee::flags are what its sessions have. The owner may change its own flags meanwhile.
void Tracing::sum(Tracee& tracee) {
    uint32_t all = 0;
    tracee.sessions.for_each([&](const SessionTracee& by) { all |= by.flags.load(std::memory_order_relaxed); });
    tracee.flags.fetch_or(all, std::memory_order_release);
    tracee.flags.fetch_and(~(kTraceeFlags & ~all), std::memory_order_release);
}

bool Tracing::change(TraceSession& session, Tracee& tracee, Term who, bool on, uint32_t mask, Term tracer) {
    const SessionTracee* const by = tracee.sessions.of(session);
    const uint32_t flags = by == nullptr ? 0 : by->flags.load(std::memory_order_relaxed);
    const Term present = by == nullptr ? Term::none() : by->tracer_term();
    if (tracer.is_value() && flags != 0 && present != tracer && is_alive(present, who)) return false;
    if (by == nullptr && !on) return true;
    set(session, tracee, on ? flags | mask : flags & ~mask, tracer.is_value() ? tracer : present);
    return true;
}

void Tracing::set(TraceSession& session, Tracee& tracee, uint32_t flags, Term tracer) {
    SessionTracee& by = tracee.sessions.need(session);
    // Who sees flags finds a tracer.
    if (flags != 0) by.tracer.store(tracer.word(), std::memory_order_release);
    by.flags.store(flags, std::memory_order_release);
    if (flags == 0) by.tracer.store(0, std::memory_order_release);
    sum(tracee);
}

void Tracing::change_new(TraceSession& session, bool ports, bool on, uint32_t mask, Term tracer) {
    TraceSession::OfNew& of_new = ports ? session.new_ports : session.new_processes;
    of_new.flags = on ? of_new.flags | mask : of_new.flags & ~mask;
    if (of_new.flags == 0) tracer = Term::none();
    if (on || of_new.flags == 0) of_new.tracer = tracer;
    sum_new();
}

const TraceSession::OfNew& Tracing::settings_of_new(TraceSession& session, bool ports) {
    TraceSession::OfNew& of_new = ports ? session.new_ports : session.new_processes;
    if (of_new.flags != 0 && !is_alive(of_new.tracer)) {
        of_new = {};
        sum_new();
    }
    return of_new;
}

void Tracing::sum_new() {
    uint32_t processes = 0, ports = 0;
    for (const auto& session : sessions_) {
        processes |= session->new_processes.flags;
        ports |= session->new_ports.flags;
    }
    new_process_flags_.store(processes, std::memory_order_seq_cst);
    new_port_flags_.store(ports, std::memory_order_seq_cst);
}

void Tracing::silence(Tracee& tracee, SessionTracee& by, bool on) {
    if (on) {
        by.flags.fetch_or(kTraceSilent, std::memory_order_relaxed);
        tracee.flags.fetch_or(kTraceSilent, std::memory_order_relaxed);
    } else {
        by.flags.fetch_and(~uint32_t{kTraceSilent}, std::memory_order_relaxed);
    }
}

TracerAnswer Tracing::ask(Term tracer, Term tag, Term tracee) const {
    if (!is_module_tracer(tracer)) return TracerAnswer::trace;
    const auto module = modules_.find(tracer);
    return module == nullptr ? TracerAnswer::remove : hooks.module_wants(vm_, *module, tag, tracee);
}

bool Tracing::is_alive(Term tracer, Term tracee) const {
    if (is_module_tracer(tracer)) return ask(tracer, am::trace_status(), tracee) != TracerAnswer::remove;
    if (tracer.is_local_pid()) {
        const Process* p = vm_.processes.find(tracer);
        return p != nullptr && !p->is_exiting.load(std::memory_order_relaxed);
    }
    return tracer.is_local_port() && vm_.ports.find(tracer) != nullptr;
}

void Tracing::forget(Tracee& tracee, SessionTracee& by, Term tracer) {
    const std::lock_guard lock(mutex);
    if (by.tracer_term() != tracer) return;
    by.flags.store(0, std::memory_order_release);
    by.tracer.store(0, std::memory_order_release);
    sum(tracee);
}

Term Tracing::seq_tracer() {
    Word tracer = seq_tracer_.load(std::memory_order_acquire);
    if (tracer == 0 || is_alive(Term(tracer))) return Term(tracer);
    seq_tracer_.compare_exchange_strong(tracer, 0, std::memory_order_acq_rel);
    return Term::none();
}

// ---- modules that trace

Term Tracing::module_tracer(Term module, Term state) {
    if (modules_.is_sweep_due()) sweep_modules();
    return modules_.intern(module, state);
}

/// A meta trace may have left marks on stacks whose tracer goes here: nobody is told of these calls' ends then.
void Tracing::sweep_modules() {
    std::unordered_set<Word> in_use;
    const auto add = [&](Term tracer) { in_use.insert(tracer.word()); };
    hooks.tracers_of_patterns(vm_, add);
    add(Term(seq_tracer_.load(std::memory_order_acquire)));
    const std::lock_guard lock(mutex);
    for (const auto& session : sessions_) {
        add(session->tracer);
        add(session->new_processes.tracer);
        add(session->new_ports.tracer);
    }
    const auto add_all = [&](const Tracee& tracee) {
        tracee.sessions.for_each([&](const SessionTracee& by) { add(by.tracer_term()); });
    };
    size_t slot = 0;
    while (const Process* p = vm_.processes.next(&slot)) add_all(p->tracee);
    for (const Term id : vm_.ports.all()) {
        if (const auto port = vm_.ports.find(id)) add_all(port->tracee);
    }
    modules_.sweep(in_use);
}

// ---- the end of a session

void Tracing::end(TraceSession& session) {
    session.is_alive.store(false, std::memory_order_release);
    std::shared_ptr<TraceSession> keep;
    std::erase_if(sessions_, [&](std::shared_ptr<TraceSession>& s) {
        if (s.get() != &session) return false;
        keep = std::move(s);
        return true;
    });
    session.new_processes = session.new_ports = {};
    session.monitor = {};
    vm_.system_monitor.update(vm_);
    sum_new();
    size_t slot = 0;
    while (Process* p = vm_.processes.next(&slot)) remove(session, p->tracee, keep);
    for (const Term id : vm_.ports.all()) {
        if (const auto port = vm_.ports.find(id)) remove(session, port->tracee, keep);
    }
    // Those that have left the tables may still look at it.
    retired_.push_back({nullptr, keep, vm_.epochs.stamp()});
    free_retired();
}

void Tracing::remove(TraceSession& session, Tracee& tracee, std::shared_ptr<TraceSession> keep) {
    SessionTracee* const by = tracee.sessions.remove(session);
    if (by == nullptr) return;
    by->flags.store(0, std::memory_order_release);
    sum(tracee);
    retired_.push_back({by, std::move(keep), vm_.epochs.stamp()});
}

void Tracing::free_retired() {
    if (retired_.empty()) return;
    const uint64_t safe = vm_.epochs.safe_before();
    std::erase_if(retired_, [safe](const Retired& r) {
        if (r.stamp >= safe) return false;
        if (r.tracee != nullptr) destroy(r.tracee);
        return true;
    });
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
    return heap.tuple(now, heap.integer(vm.unique_integer(false)));
}

namespace {

/// {Module, Function, Arity}
Term function_term(HeapBuilder& heap, const CodeLocation& at) {
    const Module& m = *at.loaded->module;
    const Module::Function& f = m.functions[at.function];
    return heap.tuple(m.name, f.name, Term::small(f.arity));
}

}  // namespace

TraceFamily trace_family(Term tag, Term tracee) {
    switch (atom_id(tag)) {
        case AtomId::send:
        case AtomId::send_to_non_existing_process: return TraceFamily::send;
        case AtomId::receive: return TraceFamily::receive;
        case AtomId::call:
        case AtomId::return_to:
        case AtomId::return_from:
        case AtomId::exception_from: return TraceFamily::call;
        case AtomId::gc_minor_start:
        case AtomId::gc_minor_end:
        case AtomId::gc_major_start:
        case AtomId::gc_major_end:
        case AtomId::gc_max_heap_size: return TraceFamily::garbage_collection;
        case AtomId::in:
        case AtomId::out:
        case AtomId::in_exiting:
        case AtomId::out_exiting:
        case AtomId::out_exited: return tracee.is_port() ? TraceFamily::running_ports : TraceFamily::running_procs;
        case AtomId::seq_trace:
        case AtomId::trace_status: return TraceFamily::none;
        default: return tracee.is_port() ? TraceFamily::ports : TraceFamily::procs;
    }
}

bool Tracing::tell(Term tracer, uint32_t flags, Term who, const TraceEvent& event, const Scheduler* scheduler) {
    if (is_module_tracer(tracer)) {
        const auto module = modules_.find(tracer);
        if (module != nullptr) hooks.module_told(vm_, *module, flags, who, event, scheduler);
        return module != nullptr;
    }
    if (tracer == who) return true;  // nobody is told of himself
    Process* const to = tracer.is_local_pid() ? vm_.processes.find(tracer) : nullptr;
    const std::shared_ptr<Port> port = tracer.is_local_port() ? vm_.ports.find(tracer) : nullptr;
    if (to == nullptr && port == nullptr) return false;
    const LiteralSpace* shared = &vm_.literals;
    const bool is_timed = (flags & kTraceAnyTimestamp) != 0;
    const bool has_result = event.result.is_value() && event.result != am::true_();
    size_t words = flat_size(who, shared, Walks::endable) + flat_size(event.data, shared, Walks::endable) +
                   tuple_words(8) + (is_timed ? kTraceTimeWords : 0);
    if (event.extra.is_value()) words += flat_size(event.extra, shared, Walks::endable);
    if (has_result) words += flat_size(event.result, shared, Walks::endable);
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
        const bool is_whole = encode_etf(vm_.etf_context(), s->term, {}, bytes);
        free_signal(s);
        if (!is_whole) return true;
        const std::lock_guard lock(port->mutex);
        if (port->state != Port::State::open) return false;
        port->driver().output(*port, bytes);
        return true;
    }
    if (vm_.deliver(*to, s)) return true;
    free_signal(s);
    return false;
}

void Tracing::tell(Tracee& tracee, SessionTracee& by, Term who, const TraceEvent& event, const Scheduler* scheduler) {
    const uint32_t flags = by.flags.load(std::memory_order_acquire);
    const Term tracer = by.tracer_term();
    if (tracer.is_none() || tracee.is_any_on(kTraceSensitive)) return;
    const TracerAnswer answer = ask(tracer, event.tag, who);
    if (answer == TracerAnswer::discard) return;
    if (answer == TracerAnswer::trace && tell(tracer, flags, who, event, scheduler)) return;
    // As in OTP, which does not let go of a module where another process may be the one who runs.
    const TraceFamily family = trace_family(event.tag, who);
    const bool stays = is_module_tracer(tracer) && (family == TraceFamily::procs || family == TraceFamily::receive);
    if (!stays || who.is_port()) forget(tracee, by, tracer);
}

void Tracing::tell(Tracee& tracee, uint32_t flags, Term who, const TraceEvent& event, const Scheduler* scheduler) {
    tracee.for_each(flags, [&](SessionTracee& by) { tell(tracee, by, who, event, scheduler); });
}

// ---- messages

void Tracing::sending(Process& p, Term to, Term message) {
    const bool is_gone = to.is_local_pid() && vm_.processes.find(to) == nullptr;
    const Term tag = is_gone ? am::send_to_non_existing_process() : am::send();
    p.tracee.for_each(kTraceSend, [&](SessionTracee& by) {
        Term result = am::true_();
        if (hooks.matches_send != nullptr) result = hooks.matches_send(p, by, to, message);
        if (result != am::false_()) tell(p.tracee, by, p.self, {tag, message, to, result}, p.scheduler);
    });
}

namespace {

/// Node and pid, as match specifications of 'receive' see them: a sender that is no process takes the place of the node.
struct Sender {
    Term node, pid = am::undefined();
};

Sender sender_of(const Vm& vm, const Signal& message) {
    switch (message.origin) {
        case MessageOrigin::clock: return {am::clock_service()};
        case MessageOrigin::system: return {message.is_sent ? vm.node_name() : am::system()};
        case MessageOrigin::sender: break;
    }
    const Term from = static_cast<const ControlSignal&>(message).from;
    return from.is_local_pid() ? Sender{vm.node_name(), from} : Sender{from};
}

}  // namespace

void Tracing::receiving(Process& p, const Signal& message) {
    const Sender sender = sender_of(vm_, message);
    receiving(p, sender.node, sender.pid, message.term);
}

void Tracing::receiving(Process& p, Term node, Term pid, Term message) {
    p.tracee.for_each(kTraceReceive, [&](SessionTracee& by) {
        Term result = am::true_();
        if (hooks.matches_receive != nullptr) result = hooks.matches_receive(p, by, node, pid, message);
        if (result == am::false_()) return;
        tell(p.tracee, by, p.self, {am::receive(), message, Term::none(), result}, p.scheduler);
    });
}

// ---- life

void Tracing::proc_event(Process& p, Term tag, Term data) {
    tell(p.tracee, kTraceProcs, p.self, {tag, data}, p.scheduler);
}

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
    tell(p.tracee, kTraceRunning | kTraceRunningProcs, p.self, {tag, where}, p.scheduler);
}

void Tracing::slice_begins(Process& p) {
    if (p.tracee.is_any_on(kTraceRunning | kTraceRunningProcs)) scheduled(p, am::in());
    if (p.is_measured()) hooks.time_slice(p, true);
}

void Tracing::slice_ends(Process& p, bool exited) {
    if (p.is_measured()) hooks.time_slice(p, false);
    if (p.tracee.is_any_on(kTraceRunning | kTraceRunningProcs) && !exited) scheduled(p, am::out());
}

void Tracing::collecting(Process& p, Term tag, std::optional<size_t> words) {
    constexpr size_t kWords = kHeapSizesWords + tuple_words(2) + kConsWords;
    Word buffer[kWords];
    Word* top = buffer;
    HeapBuilder heap(&top, kWords, nullptr);
    Term list = heap_sizes(p, heap);
    if (words) list = heap.cons(heap.tuple(am::wordsize(), Term::small(static_cast<int64_t>(*words))), list);
    tell(p.tracee, kTraceGc, p.self, {tag, list}, p.scheduler);
}

void Tracing::returned_to(Process& p, Term session_id, const void* address) {
    SessionTracee* const by = p.tracee.sessions.of(session_id);
    if (by == nullptr || !by->is_any_on(kTraceReturnTo)) return;
    Word words[tuple_words(3)];
    Word* top = words;
    HeapBuilder heap(&top, tuple_words(3), nullptr);
    const CodeLocation at = address != nullptr ? vm_.engine.locate(address) : CodeLocation();
    const Term where = at.loaded != nullptr ? function_term(heap, at) : am::undefined();
    const Term tracer = by->tracer_term();
    if (tracer.is_none() || p.tracee.is_any_on(kTraceSensitive)) return;
    const uint32_t flags = by->flags.load(std::memory_order_relaxed);
    if (!tell(tracer, flags, p.self, {am::return_to(), where}, p.scheduler)) forget(p.tracee, *by, tracer);
}

/// `to`, which nobody else sees yet or which is the caller's, gets what `from` has of the sessions in which one of the flags is on; with one of
/// `once`, `from` and `to` lose `always` and `once`.
void Tracing::inherit(Process& from, Tracee& to, uint32_t always, uint32_t once) {
    if (!from.tracee.is_any_on(always | once)) return;
    const std::lock_guard lock(mutex);
    from.tracee.for_each(always | once, [&](SessionTracee& by) {
        uint32_t flags = by.flags.load(std::memory_order_relaxed);
        if ((flags & once) != 0) {
            flags &= ~(always | once);
            by.flags.store(flags, std::memory_order_release);
        }
        const SessionTracee* const before = to.sessions.of(by.session);
        if (before != nullptr) flags |= before->flags.load(std::memory_order_relaxed);
        set(by.session, to, flags, by.tracer_term());
    });
    sum(from.tracee);
}

void Tracing::opened(Port& port) {
    if (LINTEL_LIKELY(new_port_flags_.load(std::memory_order_seq_cst) == 0)) return;
    const std::lock_guard lock(mutex);
    for (const auto& s : sessions_) {
        const TraceSession::OfNew& gets = settings_of_new(*s, true);
        if (gets.flags != 0) change(*s, port.tracee, port.self, true, gets.flags, gets.tracer);
    }
}

void Tracing::spawned(const SpawnOptions& options, Process& child) {
    Process* const parent = options.parent;
    if (LINTEL_UNLIKELY(new_process_flags_.load(std::memory_order_seq_cst) != 0)) {
        const std::lock_guard lock(mutex);
        for (const auto& s : sessions_) {
            const TraceSession::OfNew& gets = settings_of_new(*s, false);
            if (gets.flags != 0) change(*s, child.tracee, child.self, true, gets.flags, gets.tracer);
        }
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
        tell(parent->tracee, kTraceProcs, parent->self, {am::spawn(), child.self, mfa}, here);
        if (options.link) tell(parent->tracee, kTraceProcs, parent->self, {am::link(), child.self}, here);
    }
    if (tells_child) {
        const Term by = parent != nullptr ? parent->self : am::undefined();
        tell(child.tracee, kTraceProcs, child.self, {am::spawned(), by, mfa}, here);
        if (options.link && parent != nullptr)
            tell(child.tracee, kTraceProcs, child.self, {am::getting_linked(), by}, here);
    }
}

}  // namespace lintel
