/// erlang:trace_info/2 and what the module trace of OTP 27 has of it.

#include "gc/copy.h"
#include "stdlib/build.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/trace/trace_flags.h"
#include "stdlib/trace/trace_sessions.h"
#include "term/views.h"

namespace lintel {

namespace {

Term spec_source(ExecState& p, const TraceSpec* spec) {
    if (spec == nullptr) return Term::nil();
    auto heap = p.reserve(flat_size(spec->source(), nullptr));
    return copy_term(spec->source(), heap, nullptr);
}

/// {flags, List} or {tracer, Tracer}.
Term flags_info(Process& p, uint32_t flags, Term tracer, Term key) {
    if (key == am::flags()) return make_tuple2(p, key, trace_flag_list(p, flags));
    if (key == am::tracer()) return make_tuple2(p, key, tracer_term(p, tracer, Term::nil()));
    return p.badarg();
}

Term tracee_info(Process& p, const PatternSession& session, Term who, Tracee& tracee, Term key) {
    Tracing& tracing = p.machine().tracing;
    SessionTracee* const by = tracee.sessions.of(session);
    if (by == nullptr) return flags_info(p, 0, Term::none(), key);
    if (const Term tracer = by->tracer_term(); tracer.is_value() && !tracing.is_alive(tracer, who))
        tracing.forget(tracee, *by, tracer);
    return flags_info(p, by->flags.load(std::memory_order_relaxed), by->tracer_term(), key);
}

Term new_info(Process& p, PatternSession& session, bool ports, Term key) {
    Tracing& tracing = p.machine().tracing;
    const std::lock_guard lock(tracing.mutex);
    const TraceSession::OfNew& of_new = tracing.settings_of_new(session, ports);
    return flags_info(p, of_new.flags, of_new.tracer, key);
}

Term on_load_info(Process& p, const PatternSession& session, Term key) {
    Vm& vm = p.machine();
    const Breakpoints lock(vm.code);
    const PatternSession::OnLoad& on_load = session.on_load;
    const TracePatternKinds& kinds = on_load.kinds;
    const auto say = [&](Term value) { return make_tuple2(p, key, value); };
    const auto item = [&](Term which) -> Term {
        const bool calls = on_load.on && (!kinds.any() || kinds.local);
        if (which == am::traced()) return !calls ? am::false_() : kinds.local ? am::local() : am::global();
        if (which == am::match_spec()) return calls ? spec_source(p, on_load.spec) : am::false_();
        if (which == am::meta())
            return tracer_term(p, on_load.on && kinds.meta ? kinds.meta_tracer : Term::none(), am::false_());
        if (which == am::meta_match_spec())
            return on_load.on && kinds.meta ? spec_source(p, on_load.meta_spec) : am::false_();
        if (which == am::call_count()) return boolean(on_load.on && kinds.count);
        if (which == am::call_time()) return boolean(on_load.on && kinds.time);
        if (which == am::call_memory() && p.machine().otp.number >= 26) return boolean(on_load.on && kinds.memory);
        return Term::none();
    };
    if (!on_load.on) return say(am::false_());
    if (key != am::all()) {
        const Term value = item(key);
        return value.is_none() ? p.badarg() : say(value);
    }
    ListMaker list(p);
    for (const Term which : {am::traced(), am::match_spec(), am::meta(), am::meta_match_spec(), am::call_count()})
        list.add_pair(which, item(which));
    return say(list.list());
}

bool function_exists(Breakpoints& breakpoints, TupleView mfa) {
    const int64_t arity = mfa[2].to_small();
    if (arity < 0 || arity > 255) return false;
    const auto wanted = static_cast<uint32_t>(arity);
    const ExportEntry* e = breakpoints.find_export(mfa[0], mfa[1], wanted);
    if (e != nullptr && e->bif != nullptr) return true;
    const LoadedModule* loaded = breakpoints.current(mfa[0]);
    if (loaded == nullptr) return false;
    for (const Module::Function& f : loaded->module->functions) {
        if (f.name == mfa[1] && f.arity == wanted) return true;
    }
    return false;
}

/// The point of a function that exists, or nullptr.
const TracePoint* point_of(Process& p, Breakpoints& breakpoints, TupleView mfa) {
    const auto arity = static_cast<uint32_t>(mfa[2].to_small());
    return stdlib_state(p).traces.find(breakpoints.find_export(mfa[0], mfa[1], arity));
}

Term function_info(Process& p, const PatternSession& session, TupleView mfa, Term key) {
    if (!mfa[0].is_atom() || !mfa[1].is_atom() || !mfa[2].is_small()) return p.badarg();
    Vm& vm = p.machine();
    Breakpoints breakpoints(vm.code);
    const auto say = [&](Term value) { return make_tuple2(p, key, value); };
    if (!function_exists(breakpoints, mfa)) return say(am::undefined());
    const TracePoint* const point = point_of(p, breakpoints, mfa);
    TracePart* const part = point == nullptr ? nullptr : point->parts.of(session);
    const uint32_t kinds = part == nullptr ? 0 : part->kinds.load(std::memory_order_relaxed);
    if (kinds == 0) return say(am::false_());
    const auto item = [&](Term which) -> Term {
        if (which == am::traced()) {
            if ((kinds & TracePart::kGlobal) != 0) return am::global();
            return (kinds & TracePart::kLocal) != 0 ? am::local() : am::false_();
        }
        if (which == am::match_spec()) {
            if ((kinds & (TracePart::kGlobal | TracePart::kLocal)) == 0) return am::false_();
            return spec_source(p, part->spec.load(std::memory_order_relaxed));
        }
        if (which == am::meta()) {
            const bool is_told = (kinds & TracePart::kMeta) != 0;
            const Term tracer(is_told ? part->meta_tracer.load(std::memory_order_relaxed) : 0);
            return tracer_term(p, tracer, key == am::all() ? am::false_() : Term::nil());
        }
        if (which == am::meta_match_spec()) {
            if ((kinds & TracePart::kMeta) == 0) return am::false_();
            return spec_source(p, part->meta_spec.load(std::memory_order_relaxed));
        }
        if (which == am::call_count()) {
            if ((kinds & TracePart::kCount) == 0) return am::false_();
            return make_unsigned(p, part->count.load(std::memory_order_relaxed));
        }
        if (which == am::call_memory() && vm.otp.number >= 26)
            return (kinds & TracePart::kMemory) == 0 ? am::false_() : call_measures(p, *part, CallMeasure::memory);
        if (which == am::call_time())
            return (kinds & TracePart::kTime) == 0 ? am::false_() : call_measures(p, *part, CallMeasure::time);
        return Term::none();
    };
    if (key != am::all()) {
        const Term value = item(key);
        return value.is_none() ? p.badarg() : say(value);
    }
    ListMaker list(p);
    for (const Term which : {am::traced(), am::match_spec(), am::meta(), am::meta_match_spec()})
        list.add_pair(which, item(which));
    if (vm.otp.number >= 26) list.add_pair(am::call_memory(), item(am::call_memory()));
    list.add_pair(am::call_time(), item(am::call_time()));
    list.add_pair(am::call_count(), item(am::call_count()));
    return say(list.list());
}

Term message_info(Process& p, const TraceMessagePattern& pattern, Term key) {
    if (key != am::match_spec()) return p.badarg();
    const Breakpoints lock(p.machine().code);
    const TraceSpec* const spec = pattern.spec.load(std::memory_order_relaxed);
    Term value = boolean(pattern.on.load(std::memory_order_relaxed));
    if (value == am::true_() && spec != nullptr) value = spec_source(p, spec);
    return make_tuple2(p, key, value);
}

Term info(Process& p, PatternSession& session, Term what, Term key) {
    Vm& vm = p.machine();
    if (what == am::on_load()) return on_load_info(p, session, key);
    if (what == am::send()) return message_info(p, session.send, key);
    if (what == am::receive()) return message_info(p, session.receive, key);
    if (what == am::new_() || what == am::new_processes()) return new_info(p, session, false, key);
    if (what == am::new_ports()) return new_info(p, session, true, key);
    if (what == am::system() && key == am::all() && vm.otp.number >= 28)
        return make_tuple2(p, what, monitor_settings(p, session));
    if (what.is_local_port()) {
        const auto port = vm.ports.find(what);
        return port == nullptr ? am::undefined() : tracee_info(p, session, what, port->tracee, key);
    }
    if (what.is_local_pid()) {
        if (key != am::flags() && key != am::tracer()) return p.badarg();
        Process* const target = vm.processes.find(what);
        return target == nullptr ? am::undefined() : tracee_info(p, session, what, target->tracee, key);
    }
    if (what.is_tuple()) {
        const TupleView mfa = as_tuple(what, 3);
        return mfa ? function_info(p, session, mfa, key) : p.badarg();
    }
    return p.badarg_because(am::badopt());
}

// ---- which sessions

Term add_session(Process& p, const TraceSession& session, Term list) {
    return make_cons(p, make_tuple2(p, session.name, session.id), list);
}

/// {session, Sessions} of those that f(PatternSession&) is true for: the oldest first, the legacy one last.
template <typename F>
Term sessions_info(Process& p, F f) {
    Tracing& tracing = p.machine().tracing;
    const std::lock_guard lock(tracing.mutex);
    const auto all = tracing.sessions();
    Term list = Term::nil();
    const auto add = [&](TraceSession& session) {
        if (f(static_cast<PatternSession&>(session))) list = add_session(p, session, list);
    };
    add(*all[0]);
    for (size_t i = all.size(); i-- > 1;) add(*all[i]);
    return make_tuple2(p, am::session(), list);
}

Term tracee_sessions(Process& p, const Tracee& tracee) {
    Term list = Term::nil();
    tracee.for_each(kTraceeFlags, [&](SessionTracee& by) { list = add_session(p, by.session, list); });
    return make_tuple2(p, am::session(), list);
}

Term function_sessions(Process& p, TupleView mfa) {
    if (!mfa[0].is_atom() || !mfa[1].is_atom() || !mfa[2].is_small()) return p.badarg();
    Breakpoints breakpoints(p.machine().code);
    if (!function_exists(breakpoints, mfa)) return make_tuple2(p, am::session(), am::undefined());
    const TracePoint* const point = point_of(p, breakpoints, mfa);
    Term list = Term::nil();
    if (point != nullptr) {
        point->parts.for_each([&](TracePart& part) {
            if (part.kinds.load(std::memory_order_relaxed) != 0) list = add_session(p, part.session, list);
        });
    }
    return make_tuple2(p, am::session(), list);
}

/// The sessions that `what` is traced by.
Term sessions_of(Process& p, Term what, Term key) {
    Vm& vm = p.machine();
    if (key != am::session()) return p.badarg();
    if (what == am::any()) return sessions_info(p, [](PatternSession&) { return true; });
    if (what == am::on_load()) {
        const Breakpoints lock(vm.code);
        return sessions_info(p, [](PatternSession& s) { return s.on_load.on; });
    }
    if (what == am::send()) return sessions_info(p, [](PatternSession& s) { return s.send.on.load(); });
    if (what == am::receive()) return sessions_info(p, [](PatternSession& s) { return s.receive.on.load(); });
    if (what == am::new_() || what == am::new_processes())
        return sessions_info(p, [](PatternSession& s) { return s.new_processes.flags != 0; });
    if (what == am::new_ports()) return sessions_info(p, [](PatternSession& s) { return s.new_ports.flags != 0; });
    if (what.is_local_port()) {
        const auto port = vm.ports.find(what);
        return port == nullptr ? am::undefined() : tracee_sessions(p, port->tracee);
    }
    if (what.is_local_pid()) {
        Process* const target = vm.processes.find(what);
        return target == nullptr ? am::undefined() : tracee_sessions(p, target->tracee);
    }
    if (const TupleView mfa = as_tuple(what, 3)) return function_sessions(p, mfa);
    return what.is_tuple() ? p.badarg() : p.badarg_because(am::badopt());
}

}  // namespace

/// erlang:trace_info/2. Fails: badarg (cause: badopt).
Term trace_info_2(ExecState& p, Args a) { return info(as_process(p), stdlib_state(p).traces.legacy, a[0], a[1]); }

/// erts_internal:trace_info/3: the same in a session; `any`: {session, [{Name, Number}]}, the sessions that trace it. Fails: badarg (cause: badopt,
/// session).
Term erts_internal_trace_info_3(ExecState& p, Args a) {
    if (a[0] == am::any()) return sessions_of(as_process(p), a[1], a[2]);
    return in_trace_session(p, a[0], [&](PatternSession& session) { return info(as_process(p), session, a[1], a[2]); });
}

}  // namespace lintel
