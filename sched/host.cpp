/// The functions of vm/host.h: what the scheduler does for the engine. All on the thread that runs the process.

#include "gc/copy.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "term/views.h"

namespace lintel {

namespace {

// ---- receive

Term peek_message(ExecState& state) {
    Process& p = as_process(state);
    if (*p.mailbox.save == nullptr) {
        if (p.signals.empty()) return Term::none();
        p.fetch_signals(false);
        if (p.exiting || *p.mailbox.save == nullptr) return Term::none();
    }
    return p.peek_current();
}

void settle_message(ExecState& state) { as_process(state).settle_message(); }

void cancel_receive_timer(Process& p) {
    if (!p.receive_timer_active) return;
    p.receive_timer_active = false;
    Timer& timer = p.extra->receive_timer;
    p.machine().scheduler(timer.wheel).cancel_timer(timer);
}

void remove_message(ExecState& state) {
    Process& p = as_process(state);
    cancel_receive_timer(p);
    // Wrong code may receive what it has not looked at.
    if (*p.mailbox.save != nullptr) p.receive_current();
}

void next_message(ExecState& state) {
    Mailbox& mailbox = as_process(state).mailbox;
    mailbox.peek = Mailbox::Peek::nothing;
    if (*mailbox.save == nullptr) return;
    (*mailbox.save)->is_passed = true;
    mailbox.save = &(*mailbox.save)->next;
}

/// True: there is a message at the save pointer.
bool look_again(Process& p) {
    if (*p.mailbox.save == nullptr && !p.signals.empty()) p.fetch_signals(false);
    return *p.mailbox.save != nullptr && !p.exiting;
}

/// With p.live X registers in use.
void begin_waiting(Process& p) {
    if (LINTEL_UNLIKELY(p.nursery_words != 0)) p.give_back_nursery(p.live);
    p.waiting_for_message = true;
}

bool wait(ExecState& state) {
    Process& p = as_process(state);
    if (look_again(p)) return true;
    begin_waiting(p);
    return false;
}

void fire_receive_timer(Timer& timer, void*) {
    auto& p = *static_cast<Process*>(timer.data);
    p.extra->timed_out.store(true, std::memory_order_seq_cst);
    if (LINTEL_UNLIKELY(p.tracee.is_any_on(kTraceRecorded))) p.machine().simulation->timed_out(p);
    p.machine().wake(p);
}

Host::WaitResult wait_timeout(ExecState& state, Term timeout) {
    Process& p = as_process(state);
    if (look_again(p)) return Host::WaitResult::message;
    if (p.exiting) return Host::WaitResult::wait;
    if (p.receive_timer_active) {
        if (p.extra->timed_out.load(std::memory_order_relaxed)) return Host::WaitResult::timed_out;
        begin_waiting(p);
        return Host::WaitResult::wait;
    }
    if (timeout == am::infinity()) {
        begin_waiting(p);
        return Host::WaitResult::wait;
    }
    if (!timeout.is_small() || timeout.to_small() < 0 || timeout.to_small() > 0xffffffff) {
        // The receive is over.
        p.mailbox.peek = Mailbox::Peek::nothing;
        p.mailbox.save = &p.mailbox.first;
        p.error(am::timeout_value());
        return Host::WaitResult::error;
    }
    if (timeout.to_small() == 0) return Host::WaitResult::timed_out;
    ProcessExtra& e = p.need_extra();
    e.receive_timer.data = &p;
    e.receive_timer.fire = fire_receive_timer;
    e.timed_out.store(false, std::memory_order_relaxed);
    p.receive_timer_active = true;
    p.scheduler->start_timer(e.receive_timer, static_cast<uint64_t>(timeout.to_small()));
    begin_waiting(p);
    return Host::WaitResult::wait;
}

void timed_out(ExecState& state) {
    Process& p = as_process(state);
    cancel_receive_timer(p);
    p.mailbox.peek = Mailbox::Peek::nothing;
    p.mailbox.save = &p.mailbox.first;
    if (p.tracee.is_any_on(kTraceReceive)) {
        p.machine().tracing.receiving(p, am::clock_service(), am::undefined(), am::timeout());
    }
}

// ---- receive markers: see ReceiveMarker

Word number_of(Term reference) { return reference.is_kind(Kind::ref) ? reference.boxed_words()[1] : 0; }

Term marker_reserve(ExecState& state) {
    Process& p = as_process(state);
    // What has been sent before the reference exists cannot contain it.
    if (!p.signals.empty()) p.fetch_signals(false);
    ProcessExtra& e = p.need_extra();
    ReceiveMarker* best = &e.markers[0];
    for (ReceiveMarker& m : e.markers) {
        if (m.id == 0) {
            best = &m;
            break;
        }
        if (m.id < best->id) best = &m;  // the oldest gives way
    }
    *best = {e.next_marker++, 0, p.mailbox.last};
    return Term::small(static_cast<int64_t>(best->id));
}

void marker_bind(ExecState& state, Term marker, Term reference) {
    Process& p = as_process(state);
    if (p.extra == nullptr || !marker.is_small()) return;
    for (ReceiveMarker& m : p.extra->markers) {
        if (m.id == 0 || m.id != static_cast<Word>(marker.to_small())) continue;
        m.reference = number_of(reference);
        if (m.reference == 0) m = ReceiveMarker();
    }
}

void marker_clear(ExecState& state, Term reference) {
    Process& p = as_process(state);
    const Word number = number_of(reference);
    if (p.extra == nullptr || number == 0) return;
    for (ReceiveMarker& m : p.extra->markers) {
        if (m.reference == number) m = ReceiveMarker();
    }
}

void marker_use(ExecState& state, Term reference) {
    Process& p = as_process(state);
    const Word number = number_of(reference);
    if (p.extra == nullptr || number == 0 || p.mailbox.save != &p.mailbox.first) return;
    for (ReceiveMarker& m : p.extra->markers) {
        if (m.id == 0 || m.reference != number) continue;
        p.mailbox.peek = Mailbox::Peek::nothing;
        p.mailbox.save = m.position;
    }
}

// ---- send

Term send_to_pid(Process& p, Term to, Term message) {
    Vm& vm = p.machine();
    Process* target = vm.processes.find(to);
    if (target == nullptr) return message;
    if (LINTEL_UNLIKELY(has_token(p))) {
        TokenSignal* const s = make_token_message(p, SignalKind::message, to, message);
        if (s == nullptr) return p.system_limit();
        if (!vm.deliver(*target, s)) free_signal(s);
        return message;
    }
    bool no_memory = false;
    const Term from = LINTEL_UNLIKELY(vm.tracing.notes_senders()) ? p.self : Term::none();
    vm.send_message(*target, message, &no_memory, true, from);
    return no_memory ? p.system_limit() : message;
}

Term send_to_alias(Process& p, Term alias, Term message) {
    Vm& vm = p.machine();
    const Word* words = alias.boxed_words();
    const Term owner(words[3]);
    Process* target = owner.is_local_pid() ? vm.processes.find(owner) : nullptr;
    if (target == nullptr) return message;
    ControlSignal* s;
    if (LINTEL_UNLIKELY(has_token(p))) {
        s = make_token_message(p, SignalKind::alias_message, alias, message);
        if (s == nullptr) return p.system_limit();
    } else {
        const size_t size = flat_size(message, &vm.literals, Walks::endable);
        s = make_signal<ControlSignal>(SignalKind::alias_message, size);
        if (s == nullptr) return p.system_limit();
        s->is_sent = true;
        if (size == 0) {
            s->term = message;
        } else {
            HeapBuilder heap(s->fragment);
            s->term = copy_term(message, heap, &vm.literals);
        }
    }
    s->from = p.self;
    s->a = words[1];
    if (!vm.deliver(*target, s)) free_signal(s);
    return message;
}

/// To another node.
Term send_away(Process& p, Term to, Term message) {
    return send_remote(p, to, message, {}) == RemoteSend::done ? message : Term::none();
}

/// As sent, which is told whether or not anybody gets it.
void trace_send(Process& p, Term to, Term message) {
    const bool is_told = to.is_local_pid() || to.is_atom() || to.is_local_port() || to.is_reference() || to.is_tuple();
    if (is_told) p.machine().tracing.sending(p, to, message);
}

Term send(ExecState& state, Term to, Term message) {
    Process& p = as_process(state);
    p.charge(1);
    if (LINTEL_UNLIKELY(p.tracee.is_on(kTraceSend))) trace_send(p, to, message);
    if (LINTEL_LIKELY(to.is_local_pid())) return send_to_pid(p, to, message);
    Vm& vm = p.machine();
    if (const auto pair = as_tuple(to, 2)) {
        if (!pair[0].is_atom() || !pair[1].is_atom()) return p.badarg();
        if (pair[1] != vm.node_name()) return send_away(p, to, message);
        const Term found = vm.names.find(pair[0]);
        if (found.is_none()) return message;
        to = found;
    } else if (to.is_atom()) {
        to = vm.names.find(to);
        if (to.is_none()) return p.badarg();
    }
    if (to.is_local_pid()) return send_to_pid(p, to, message);
    if (to.is_local_port()) return send_to_port(p, to, message);
    if (to.is_reference()) {
        if (is_external_ref(to)) return send_away(p, to, message);  // an alias, if its node says so
        const bool is_alias = to.is_kind(Kind::ref) && header_size(to.header()) == 3;
        return is_alias ? send_to_alias(p, to, message) : message;
    }
    if (to.is_pid()) return send_away(p, to, message);
    if (to.is_port()) return message;  // of another node
    return p.badarg();
}

// ---- tracing

bool called(ExecState& state, Breakpoint& at, bool through_export, const ExportEntry** instead) {
    Process& p = as_process(state);
    return p.machine().tracing.hooks.called(p, at, through_export, instead);
}

void returned(ExecState& state, TraceMark mark, const Word* words) {
    Process& p = as_process(state);
    p.machine().tracing.hooks.returned(p, mark, words);
}

void passed(ExecState& state, TraceMark mark, const Word* words) {
    Process& p = as_process(state);
    p.machine().tracing.hooks.passed(p, mark, words);
}

void returned_to(ExecState& state, Term session, const void* handler) {
    Process& p = as_process(state);
    p.machine().tracing.returned_to(p, session, reinterpret_cast<const void*>(reinterpret_cast<Word>(handler) | 1));
}

// ---- memory and code

bool collect_for(ExecState& state, size_t need_words, unsigned live) {
    Process& p = as_process(state);
    p.need_room();
    return p.collect_garbage(need_words, live, Process::CollectKind::as_needed);
}

const ExportEntry* call_undefined_function(ExecState& state, const ExportEntry& entry) {
    Process& p = as_process(state);
    Vm& vm = p.machine();
    if (vm.undefined_function != nullptr) {
        // It may look for files and read them: elsewhere, if someone here would have to wait. A module of a snapshot is there.
        if (vm.autoload != nullptr && !p.on_dirty && vm.has_dirty_threads(DirtyKind::io) &&
            p.scheduler->run_queue.size() != 0 && !vm.code.is_loaded(entry.module)) {
            p.dirty_wanted = DirtyKind::io;
            p.pending = Pending::yield;
            return nullptr;
        }
        if (!p.on_dirty) return vm.undefined_function(state, entry);
        const DirtySection section(p);
        const ExportEntry* found = vm.undefined_function(state, entry);
        p.end_slice();  // it goes on where it came from
        return found;
    }
    state.error(am::undef());
    return nullptr;
}

const ExportEntry* call_undefined_fun(ExecState& state, Term fun, unsigned arity) {
    Vm& vm = as_process(state).machine();
    if (vm.undefined_fun != nullptr) return vm.undefined_fun(state, fun, arity);
    state.error_tuple(am::badfun(), fun);
    return nullptr;
}

}  // namespace

const Host Vm::kHost = {
    .peek_message = peek_message,
    .settle_message = settle_message,
    .remove_message = remove_message,
    .next_message = next_message,
    .wait = wait,
    .wait_timeout = wait_timeout,
    .timed_out = timed_out,
    .marker_reserve = marker_reserve,
    .marker_bind = marker_bind,
    .marker_clear = marker_clear,
    .marker_use = marker_use,
    .send = send,
    .collect = collect_for,
    .called = called,
    .returned = returned,
    .passed = passed,
    .returned_to = returned_to,
    .undefined_function = call_undefined_function,
    .undefined_fun = call_undefined_fun,
};

}  // namespace lintel
