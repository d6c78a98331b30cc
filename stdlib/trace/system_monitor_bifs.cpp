/// erlang:system_monitor/0,1,2, and what the module trace has of them.

#include "stdlib/build.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/trace/trace_sessions.h"
#include "term/views.h"

namespace lintel {

namespace {

constexpr uint64_t kSmallestHeap = 16384;

/// The list of what is watched.
Term settings_list(ExecState& p, const MonitorSettings& s) {
    Term list = Term::nil();
    const auto add = [&](Term name, Term value) { list = make_cons(p, make_tuple2(p, name, value), list); };
    if (s.long_queue != 0)
        add(am::long_message_queue(), make_tuple2(p, make_unsigned(p, s.short_queue), make_unsigned(p, s.long_queue)));
    if (s.long_gc_ms != 0) add(am::long_gc(), make_unsigned(p, s.long_gc_ms));
    if (s.long_schedule_ms != 0) add(am::long_schedule(), make_unsigned(p, s.long_schedule_ms));
    if (s.large_heap_words != 0) add(am::large_heap(), make_unsigned(p, s.large_heap_words));
    if (s.busy_port) list = make_cons(p, am::busy_port(), list);
    if (s.busy_dist_port) list = make_cons(p, am::busy_dist_port(), list);
    return list;
}

/// {Pid, Options}, or undefined. Under Tracing::mutex.
Term present(Process& p, const TraceSession& session) {
    const Term pid = session.monitor.receiver;
    if (pid.is_none() || p.machine().processes.find(pid) == nullptr) return am::undefined();
    return make_tuple2(p, pid, settings_list(p, session.monitor));
}

/// Changes of settings, as options ask for them.
class Options {
public:
    Options(unsigned otp, MonitorSettings& settings) : otp_(otp), settings_(settings) {}

    /// False: badarg.
    bool read(Term list) {
        for (; list.is_cons(); list = list.tail()) {
            const Term item = list.head();
            const TupleView pair = as_tuple(item, 2);
            if (!pair && !item.is_atom()) return false;
            // An atom alone is switched on; options that can be switched off are of OTP 28.
            if (pair && otp_ < 28 && is_switch(pair[0])) return false;
            if (!set(pair ? pair[0] : item, pair ? pair[1] : am::true_())) return false;
        }
        return list.is_nil();
    }

private:
    static bool is_switch(Term name) { return name == am::busy_port() || name == am::busy_dist_port(); }

    bool set(Term name, Term value) {
        switch (atom_id(name)) {
            case AtomId::busy_port: return turn(value, &settings_.busy_port);
            case AtomId::busy_dist_port: return turn(value, &settings_.busy_dist_port);
            case AtomId::long_gc: return limit(value, 1, &settings_.long_gc_ms);
            case AtomId::long_schedule: return limit(value, 1, &settings_.long_schedule_ms);
            case AtomId::large_heap: return limit(value, kSmallestHeap, &settings_.large_heap_words);
            case AtomId::long_message_queue: return otp_ >= 27 && queue(value);
            default: return false;
        }
    }

    static bool turn(Term value, bool* is_on) {
        *is_on = value == am::true_();
        return value == am::true_() || value == am::false_();
    }
    bool limit(Term value, uint64_t least, uint64_t* limit) const {
        if (value == am::false_() && otp_ >= 28) {
            *limit = 0;
            return true;
        }
        if (!value.is_small() || value.to_small() < 0) return false;
        *limit = std::max(least, static_cast<uint64_t>(value.to_small()));
        return true;
    }
    bool queue(Term value) {
        if (value == am::false_() && otp_ >= 28) {
            settings_.long_queue = settings_.short_queue = 0;
            return true;
        }
        const TupleView pair = as_tuple(value, 2);
        if (!pair || !pair[0].is_small() || !pair[1].is_small()) return false;
        const int64_t few = pair[0].to_small(), many = pair[1].to_small();
        if (few < 0 || many <= few) return false;
        settings_.short_queue = static_cast<uint64_t>(few);
        settings_.long_queue = static_cast<uint64_t>(many);
        return true;
    }

    const unsigned otp_;
    MonitorSettings& settings_;
};

/// A session without a tracer: the list is all that is watched, `pid` is told; what it was before. One with a tracer: the list is what changes; ok.
Term change(Process& p, TraceSession& session, Term pid, Term list) {
    Vm& vm = p.machine();
    if (!list.is_list()) return p.badarg();
    const std::lock_guard lock(vm.tracing.mutex);
    if (!session.is_alive.load(std::memory_order_relaxed)) return p.badarg();
    const bool has_tracer = session.tracer.is_value();
    MonitorSettings wanted;
    if (has_tracer) {
        if (pid != am::session() || !session.tracer.is_local_pid()) return p.badarg();
        wanted = session.monitor;
        wanted.receiver = session.tracer;
    } else if (pid != am::undefined() && !list.is_nil()) {
        if (!pid.is_local_pid() || vm.processes.find(pid) == nullptr) return p.badarg();
        wanted.receiver = pid;
    } else {
        list = Term::nil();
    }
    if (!Options(vm.otp.number, wanted).read(list)) return p.badarg();
    const Term before = has_tracer ? am::ok() : present(p, session);
    session.monitor = wanted;
    vm.system_monitor.update(vm);
    return before;
}

template <typename F>
Term in_session(ExecState& p, Term session, F f) {
    if (session == am::legacy()) return f(stdlib_state(p).traces.legacy);
    const auto found = trace_session(p, session);
    return found == nullptr ? p.badarg() : f(*found);
}

Term monitor_of(ExecState& state, TraceSession& session) {
    Process& p = as_process(state);
    const std::lock_guard lock(p.machine().tracing.mutex);
    return present(p, session);
}

}  // namespace

Term monitor_settings(Process& p, const TraceSession& session) {
    const std::lock_guard lock(p.machine().tracing.mutex);
    return settings_list(p, session.monitor);
}

/// erlang:system_monitor/0: {Pid, Options}, or undefined.
Term system_monitor_0(ExecState& p, Args) { return monitor_of(p, stdlib_state(p).traces.legacy); }

/// erlang:system_monitor/1: undefined, or {Pid, Options}; what it was before. Fails: badarg.
Term system_monitor_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    TraceSession& legacy = stdlib_state(p).traces.legacy;
    if (a[0] == am::undefined()) return change(p, legacy, am::undefined(), Term::nil());
    const TupleView pair = as_tuple(a[0], 2);
    return pair ? change(p, legacy, pair[0], pair[1]) : p.badarg();
}

/// erlang:system_monitor/2: what it was before. Fails: badarg.
Term system_monitor_2(ExecState& p, Args a) { return change(as_process(p), stdlib_state(p).traces.legacy, a[0], a[1]); }

/// erts_internal:system_monitor/1: the same as erlang:system_monitor/0 of a session, or of `legacy`. Fails: badarg.
Term erts_internal_system_monitor_1(ExecState& p, Args a) {
    return in_session(p, a[0], [&](TraceSession& session) { return monitor_of(p, session); });
}

/// erts_internal:system_monitor/3: erlang:system_monitor/2 of a session without a tracer, or of `legacy`; of one with a tracer, `session` in the pid's
/// place: changes its settings, ok. Fails: badarg.
Term erts_internal_system_monitor_3(ExecState& p, Args a) {
    return in_session(p, a[0], [&](TraceSession& session) { return change(as_process(p), session, a[1], a[2]); });
}

}  // namespace lintel
