/// erlang:trace/3, trace_pattern/2,3, trace_delivered/1, and what the module trace of OTP 27 has of them.

#include "stdlib/build.h"
#include "stdlib/log_error.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/trace/trace_flags.h"
#include "stdlib/trace/trace_sessions.h"
#include "term/views.h"

namespace lintel {

// ---- flags

namespace {

/// How many of the processes and ports that are there have the flags now.
size_t change_existing(Vm& vm, TraceSession& session, Term what, bool on, uint32_t mask, Term tracer) {
    const bool only_ports = what == am::ports() || what == am::existing_ports();
    const bool only_processes = what == am::processes() || what == am::existing_processes();
    bool processes = (mask & kProcessTraceeFlags & ~uint32_t{kTraceModifiers}) != 0 && !only_ports;
    bool ports = (mask & kPortTraceeFlags & ~uint32_t{kTraceModifiers}) != 0 && !only_processes;
    if ((mask & kTraceModifiers) != 0) {
        ports |= !only_processes;
        processes |= !only_ports;
    }
    size_t count = 0;
    if (processes) {
        size_t slot = 0;
        while (Process* p = vm.processes.next(&slot)) {
            if (p->is_exiting.load(std::memory_order_relaxed)) continue;
            count += vm.tracing.change(session, p->tracee, p->self, on, mask, tracer) ? 1 : 0;
        }
    }
    if (ports) {
        for (const Term id : vm.ports.all()) {
            const auto port = vm.ports.find(id);
            if (port != nullptr) count += vm.tracing.change(session, port->tracee, id, on, mask, tracer) ? 1 : 0;
        }
    }
    return count;
}

/// Turns flags of one process or port on or off. Under Tracing::mutex.
Term change_one(Process& p, TraceSession& session, Term what, bool on, const TraceFlags& flags) {
    Vm& vm = p.machine();
    if (flags.cpu_timestamp) return p.badarg();
    Tracee* tracee = nullptr;
    std::shared_ptr<Port> port;
    if (what.is_local_port() && (port = vm.ports.find(what)) != nullptr) tracee = &port->tracee;
    if (what.is_local_pid()) {
        Process* const target = vm.processes.find(what);
        if (target != nullptr && !target->is_exiting.load(std::memory_order_relaxed)) tracee = &target->tracee;
    }
    if (tracee == nullptr) return p.badarg();
    if (vm.tracing.change(session, *tracee, what, on, flags.mask, flags.tracer)) return Term::small(1);
    log_error(p, "** can only have one tracer per process\n");
    return p.badarg();
}

/// What erlang:trace/3 does, in `session`. Fails: badarg (cause: badopt; session: it has come to its end).
Term change_flags(Process& p, PatternSession& session, Term what, Term how, Term list) {
    Vm& vm = p.machine();
    Tracing& tracing = vm.tracing;
    TraceFlags flags;
    if (!parse_trace_flags(vm, session, list, &flags)) return p.badarg_because(am::badopt());
    if (how != am::true_() && how != am::false_()) return p.badarg();
    const bool on = how == am::true_();
    if (on && flags.tracer.is_none()) flags.tracer = session.tracer.is_value() ? session.tracer : p.self;
    const std::lock_guard lock(tracing.mutex);
    if (!session.is_alive.load(std::memory_order_relaxed)) return p.badarg_because(am::session());
    if (what.is_port() || what.is_pid()) return change_one(p, session, what, on, flags);
    if (flags.cpu_timestamp && what != am::all()) return p.badarg();
    size_t count = 0;
    bool is_known = false;
    if (what == am::all() || what == am::new_() || what == am::ports() || what == am::processes() ||
        what == am::new_ports() || what == am::new_processes()) {
        is_known = true;
        if (what != am::ports() && what != am::new_ports() && (flags.mask & kProcessTraceeFlags) != 0)
            tracing.change_new(session, false, on, flags.mask & kProcessTraceeFlags, flags.tracer);
        if (what != am::processes() && what != am::new_processes() && (flags.mask & kPortTraceeFlags) != 0)
            tracing.change_new(session, true, on, flags.mask & kPortTraceeFlags, flags.tracer);
    }
    // Afterwards: who is made meanwhile is found here, or finds what has been set there.
    if (what == am::all() || what == am::existing() || what == am::ports() || what == am::processes() ||
        what == am::existing_ports() || what == am::existing_processes()) {
        is_known = true;
        count = change_existing(vm, session, what, on, flags.mask, flags.tracer);
    }
    if (!is_known) return p.badarg();
    if (flags.cpu_timestamp) tracing.cpu_timestamps.store(on, std::memory_order_relaxed);
    return Term::small(static_cast<int64_t>(count));
}

}  // namespace

/// erts_internal:trace/3: what erlang:trace/3 does. Fails: badarg (cause: badopt).
Term erts_internal_trace_3(ExecState& p, Args a) {
    return change_flags(as_process(p), stdlib_state(p).traces.legacy, a[0], a[1], a[2]);
}

/// erts_internal:trace/4: the same in a session. Fails: badarg (cause: badopt, session).
Term erts_internal_trace_4(ExecState& p, Args a) {
    return in_trace_session(
        p, a[0], [&](PatternSession& session) { return change_flags(as_process(p), session, a[1], a[2], a[3]); });
}

// ---- patterns

namespace {

/// The part of an MFA that names something: {M, F, A} with '_' for what may be anything. False: it is none.
bool parse_name(Term mfa, TracePatterns::Name* out) {
    const TupleView parts = as_tuple(mfa, 3);
    if (!parts || !parts[0].is_atom() || !parts[1].is_atom()) return false;
    if (!parts[2].is_small() && parts[2] != am::underscore()) return false;
    while (out->parts < 3 && parts[out->parts] != am::underscore()) ++out->parts;
    for (size_t i = out->parts; i < 3; ++i) {
        if (parts[i] != am::underscore()) return false;
    }
    out->module = parts[0];
    out->function = parts[1];
    if (out->parts < 3) return true;
    const int64_t arity = parts[2].to_small();
    out->arity = arity < 0 || arity > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(arity);
    return true;
}

/// False: badopt.
bool parse_kinds(Process& p, const TraceSession& session, Term list, TracePatternKinds* out, bool* is_global) {
    for (; list.is_cons(); list = list.tail()) {
        const Term item = list.head();
        if (item.is_tuple()) {
            if (session.tracer.is_value()) return false;
            out->meta_tracer = parse_tracer(p.machine(), item, am::meta());
            if (out->meta_tracer.is_none()) return false;
            out->meta = true;
            continue;
        }
        if (item == am::global()) {
            if (out->any()) return false;
            *is_global = true;
            continue;
        }
        if (*is_global) return false;
        if (item == am::local()) {
            out->local = true;
        } else if (item == am::meta()) {
            out->meta = true;
            if (out->meta_tracer.is_none()) out->meta_tracer = session.tracer.is_value() ? session.tracer : p.self;
        } else if (item == am::call_count()) {
            out->count = true;
        } else if (item == am::call_time()) {
            out->time = true;
        } else if (item == am::call_memory() && p.machine().otp.number >= 26) {
            out->memory = true;
        } else {
            return false;
        }
    }
    return list.is_nil();
}

MatchDialect dialect_for(Term what) {
    if (what == am::send()) return MatchDialect::sends;
    return what == am::receive() ? MatchDialect::receives : MatchDialect::trace;
}

/// What erlang:trace_pattern/3 does, in `session`. Fails: badarg (cause: badopt, match_spec, call_count).
Term set_pattern(Process& p, PatternSession& session, Term what, Term pattern, Term flags) {
    TracePatterns& patterns = stdlib_state(p).traces;
    TraceSwitch how = TraceSwitch::on;
    MatchProgram* program = nullptr;
    if (pattern == am::false_()) {
        how = TraceSwitch::off;
    } else if (pattern == am::restart()) {
        how = TraceSwitch::restart;
    } else if (pattern == am::pause()) {
        how = TraceSwitch::pause;
    } else if (!pattern.is_nil() && pattern != am::true_()) {
        program = MatchProgram::compile(pattern, dialect_for(what), nullptr);
        if (program == nullptr) return p.badarg_because(am::match_spec());
    }
    TraceSpec* spec = nullptr;
    if (program != nullptr) {
        spec = TraceSpec::create(program, pattern);
        if (spec == nullptr) return p.system_limit();
    }
    const auto fail = [&](Term cause) {
        patterns.drop_unused(spec);
        return p.badarg_because(cause);
    };
    TracePatternKinds kinds;
    bool is_global = false;
    if (!parse_kinds(p, session, flags, &kinds, &is_global)) return fail(am::badopt());
    if (spec != nullptr && !kinds.local && !kinds.meta && (kinds.count || kinds.time || kinds.memory))
        return fail(am::call_count());
    TracePatterns::Name name;
    size_t count = 0;
    if (what == am::on_load()) {
        patterns.set_on_load(session, how, spec, kinds);
    } else if (parse_name(what, &name)) {
        count = patterns.set(session, name, how, spec, kinds);
    } else if (what == am::send() || what == am::receive()) {
        if (is_global || kinds.any() || how == TraceSwitch::restart || how == TraceSwitch::pause)
            return fail(am::none());
        patterns.set_messages(session, what == am::receive(), how, spec);
        count = 1;
    } else {
        return fail(am::none());
    }
    patterns.drop_unused(spec);
    return Term::small(static_cast<int64_t>(count));
}

}  // namespace

/// erts_internal:trace_pattern/3: what erlang:trace_pattern/3 does. Fails: badarg (cause: badopt, match_spec, call_count).
Term erts_internal_trace_pattern_3(ExecState& p, Args a) {
    return set_pattern(as_process(p), stdlib_state(p).traces.legacy, a[0], a[1], a[2]);
}

/// erts_internal:trace_pattern/4: the same in a session. Fails: badarg (cause: as trace_pattern/3, and session).
Term erts_internal_trace_pattern_4(ExecState& p, Args a) {
    return in_trace_session(
        p, a[0], [&](PatternSession& session) { return set_pattern(as_process(p), session, a[1], a[2], a[3]); });
}

/// erts_debug:breakpoint/2: calls of the functions named by {M, F, A} go to breakpoint/3 of the caller's error handler, or do no more; how
/// many there are. Fails: badarg.
Term erts_debug_breakpoint_2(ExecState& p, Args a) {
    TracePatterns::Name name;
    if (!parse_name(a[0], &name) || (a[1] != am::true_() && a[1] != am::false_())) return p.badarg();
    return Term::small(static_cast<int64_t>(stdlib_state(p).traces.set_debugged(name, a[1] == am::true_())));
}

// ---- delivered

namespace {

/// {trace_delivered, Tracee, Ref} for who asked.
struct Delivery {
    std::atomic<size_t> processes;  ///< that have not come to the edge of a slice yet
    Term to, tracee;
    Word numbers[2];
};

void finish_delivery(Vm& vm, Delivery* delivery) {
    if (delivery->processes.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    constexpr size_t kWords = tuple_words(3) + kRefWords;
    const MemoryReserve reserve;
    if (auto* s = make_signal<Signal>(SignalKind::message, kWords)) {
        {
            HeapBuilder heap(s->fragment);
            const Term ref = heap.ref(delivery->numbers[0], delivery->numbers[1]);
            s->term = heap.tuple(am::trace_delivered(), delivery->tracee, ref);
        }
        vm.deliver(delivery->to, s);
    }
    destroy(delivery);
}

void at_edge_of_slice(Vm& vm, Process*, ControlSignal& s) { finish_delivery(vm, reinterpret_cast<Delivery*>(s.b)); }

}  // namespace

/// erlang:trace_delivered/1: a reference; {trace_delivered, Tracee, Ref} comes when all trace messages of what Tracee has done until now
/// are delivered. Fails: badarg.
Term trace_delivered_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    Vm& vm = p.machine();
    if (!a[0].is_local_pid() && a[0] != am::all()) return p.badarg();
    auto* delivery = make<Delivery>();
    delivery->to = p.self;
    delivery->tracee = a[0];
    delivery->numbers[0] = vm.next_reference_number();
    delivery->numbers[1] = 0;
    const Term ref = p.reserve(kRefWords).ref(delivery->numbers[0], delivery->numbers[1]);
    // An event is in its tracer's queue when the tracee has finished with it. Its own part is taken back last.
    delivery->processes.store(1, std::memory_order_relaxed);
    const auto ask = [&](Process& target) {
        delivery->processes.fetch_add(1, std::memory_order_relaxed);
        const auto word = reinterpret_cast<Word>(delivery);
        if (!vm.call(target, p.self, 0, am::ok(), at_edge_of_slice, word))
            delivery->processes.fetch_sub(1, std::memory_order_relaxed);
    };
    if (a[0] == am::all()) {
        size_t slot = 0;
        while (Process* target = vm.processes.next(&slot)) {
            if (target != &p) ask(*target);
        }
    } else if (Process* target = a[0].is_local_pid() ? vm.processes.find(a[0]) : nullptr;
               target != nullptr && target != &p) {
        ask(*target);
    }
    finish_delivery(vm, delivery);
    return ref;
}

}  // namespace lintel
