/// erlang:trace/3, trace_pattern/2,3, trace_info/2, trace_delivered/1.

#include "gc/copy.h"
#include "stdlib/build.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/trace/trace_flags.h"
#include "term/views.h"

namespace lintel {

// ---- flags

namespace {

void log_error(Process& p, std::string_view text) {
    p.machine().log_event(p, am::error(), "~s~n", {make_string(p, text)});
}

/// How many of the processes and ports that are there have the flags now.
size_t change_existing(Vm& vm, Term what, bool on, uint32_t mask, Term tracer) {
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
            count += vm.tracing.change(p->tracee, on, mask, tracer) ? 1 : 0;
        }
    }
    if (ports) {
        for (const Term id : vm.ports.all()) {
            if (const auto port = vm.ports.find(id)) count += vm.tracing.change(port->tracee, on, mask, tracer) ? 1 : 0;
        }
    }
    return count;
}

/// What those get that are made from now on.
void change_new(Tracee& tracee, bool on, uint32_t mask, Term tracer) {
    const uint32_t before = tracee.flags.load(std::memory_order_relaxed);
    const uint32_t after = on ? before | mask : before & ~mask;
    if (after == 0) tracer = Term::none();
    if (on || after == 0) tracee.tracer.store(tracer.word(), std::memory_order_release);
    tracee.flags.store(after, std::memory_order_release);
}

}  // namespace

/// erts_internal:trace/3: what erlang:trace/3 does. Fails: badarg (cause: badopt).
Term erts_internal_trace_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    Vm& vm = p.machine();
    Tracing& tracing = vm.tracing;
    TraceFlags flags;
    if (!parse_trace_flags(a[2], &flags)) return p.badarg_because(am::badopt());
    if (a[1] != am::true_() && a[1] != am::false_()) return p.badarg();
    const bool on = a[1] == am::true_();
    if (on && flags.tracer.is_none()) flags.tracer = p.self;
    const Term what = a[0];
    const std::lock_guard lock(tracing.mutex);
    if (what.is_port() || what.is_pid()) {
        if (flags.cpu_timestamp) return p.badarg();
        Tracee* tracee = nullptr;
        std::shared_ptr<Port> port;
        if (what.is_local_port() && (port = vm.ports.find(what)) != nullptr) tracee = &port->tracee;
        if (what.is_local_pid()) {
            Process* const target = vm.processes.find(what);
            if (target != nullptr && !target->is_exiting.load(std::memory_order_relaxed)) tracee = &target->tracee;
        }
        if (tracee == nullptr) return p.badarg();
        if (!tracing.change(*tracee, on, flags.mask, flags.tracer)) {
            log_error(p, "** can only have one tracer per process\n");
            return p.badarg();
        }
        return Term::small(1);
    }
    if (flags.cpu_timestamp && what != am::all()) return p.badarg();
    size_t count = 0;
    bool is_known = false;
    if (what == am::all() || what == am::new_() || what == am::ports() || what == am::processes() ||
        what == am::new_ports() || what == am::new_processes()) {
        is_known = true;
        if (what != am::ports() && what != am::new_ports() && (flags.mask & kProcessTraceeFlags) != 0)
            change_new(tracing.new_processes, on, flags.mask & kProcessTraceeFlags, flags.tracer);
        if (what != am::processes() && what != am::new_processes() && (flags.mask & kPortTraceeFlags) != 0)
            change_new(tracing.new_ports, on, flags.mask & kPortTraceeFlags, flags.tracer);
    }
    // Afterwards: who is made meanwhile is found here, or finds what has been set there.
    if (what == am::all() || what == am::existing() || what == am::ports() || what == am::processes() ||
        what == am::existing_ports() || what == am::existing_processes()) {
        is_known = true;
        count = change_existing(vm, what, on, flags.mask, flags.tracer);
    }
    if (!is_known) return p.badarg();
    if (flags.cpu_timestamp) tracing.cpu_timestamps.store(on, std::memory_order_relaxed);
    return Term::small(static_cast<int64_t>(count));
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
bool parse_kinds(Process& p, Term list, TracePatternKinds* out, bool* is_global) {
    for (; list.is_cons(); list = list.tail()) {
        const Term item = list.head();
        if (item.is_tuple()) {
            out->meta_tracer = parse_tracer(item, am::meta());
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
            if (out->meta_tracer.is_none()) out->meta_tracer = p.self;
        } else if (item == am::call_count()) {
            out->count = true;
        } else if (item == am::call_time()) {
            out->time = true;
        } else {
            return false;
        }
    }
    return list.is_nil();
}

}  // namespace

/// erts_internal:trace_pattern/3: what erlang:trace_pattern/3 does. Fails: badarg (cause: badopt, match_spec, call_count).
Term erts_internal_trace_pattern_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    TracePatterns& patterns = stdlib_state(p).traces;
    TraceSwitch how = TraceSwitch::on;
    MatchProgram* program = nullptr;
    if (a[1] == am::false_()) {
        how = TraceSwitch::off;
    } else if (a[1] == am::restart()) {
        how = TraceSwitch::restart;
    } else if (a[1] == am::pause()) {
        how = TraceSwitch::pause;
    } else if (!a[1].is_nil() && a[1] != am::true_()) {
        program = MatchProgram::compile(a[1], MatchDialect::trace, nullptr);
        if (program == nullptr) return p.badarg_because(am::match_spec());
    }
    TraceSpec* spec = nullptr;
    if (program != nullptr) {
        spec = TraceSpec::create(program, a[1]);
        if (spec == nullptr) return p.system_limit();
    }
    const auto fail = [&](Term cause) {
        patterns.drop_unused(spec);
        return p.badarg_because(cause);
    };
    TracePatternKinds kinds;
    bool is_global = false;
    if (!parse_kinds(p, a[2], &kinds, &is_global)) return fail(am::badopt());
    if (spec != nullptr && !kinds.local && !kinds.meta && (kinds.count || kinds.time)) return fail(am::call_count());
    TracePatterns::Name name;
    size_t count = 0;
    if (a[0] == am::on_load()) {
        patterns.set_on_load(how, spec, kinds);
    } else if (parse_name(a[0], &name)) {
        count = patterns.set(name, how, spec, kinds);
    } else if (a[0] == am::send() || a[0] == am::receive()) {
        if (is_global || kinds.any() || how == TraceSwitch::restart || how == TraceSwitch::pause)
            return fail(am::none());
        patterns.set_messages(a[0] == am::send() ? patterns.send : patterns.receive, how, spec);
        count = 1;
    } else {
        return fail(am::none());
    }
    patterns.drop_unused(spec);
    return Term::small(static_cast<int64_t>(count));
}

// ---- asking

namespace {

Term spec_source(ExecState& p, const TraceSpec* spec) {
    if (spec == nullptr) return Term::nil();
    auto heap = p.reserve(flat_size(spec->source(), nullptr));
    return copy_term(spec->source(), heap, nullptr);
}

Term tracee_info(Process& p, Tracee& tracee, Term key) {
    Tracing& tracing = p.machine().tracing;
    if (const Term tracer = tracee.tracer_term(); tracer.is_value() && !tracing.is_alive(tracer))
        tracing.forget(tracee, tracer);
    const Term tracer = tracee.tracer_term();
    const uint32_t flags = tracee.flags.load(std::memory_order_relaxed);
    if (key == am::flags()) return make_tuple2(p, key, trace_flag_list(p, flags));
    if (key == am::tracer()) return make_tuple2(p, key, tracer.is_value() ? tracer : Term::nil());
    return p.badarg();
}

Term on_load_info(Process& p, Term key) {
    Vm& vm = p.machine();
    const Breakpoints lock(vm.code);
    const TracePatterns::OnLoad& on_load = stdlib_state(p).traces.on_load();
    const TracePatternKinds& kinds = on_load.kinds;
    const auto say = [&](Term value) { return make_tuple2(p, key, value); };
    const auto item = [&](Term which) -> Term {
        const bool calls = on_load.on && (!kinds.any() || kinds.local);
        if (which == am::traced()) return !calls ? am::false_() : kinds.local ? am::local() : am::global();
        if (which == am::match_spec()) return calls ? spec_source(p, on_load.spec) : am::false_();
        if (which == am::meta()) return on_load.on && kinds.meta ? kinds.meta_tracer : am::false_();
        if (which == am::meta_match_spec())
            return on_load.on && kinds.meta ? spec_source(p, on_load.meta_spec) : am::false_();
        if (which == am::call_count()) return boolean(on_load.on && kinds.count);
        if (which == am::call_time()) return boolean(on_load.on && kinds.time);
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

Term function_info(Process& p, TupleView mfa, Term key) {
    if (!mfa[0].is_atom() || !mfa[1].is_atom() || !mfa[2].is_small()) return p.badarg();
    Vm& vm = p.machine();
    Breakpoints breakpoints(vm.code);
    const auto say = [&](Term value) { return make_tuple2(p, key, value); };
    const int64_t arity = mfa[2].to_small();
    bool exists = false;
    if (arity >= 0 && arity <= 255) {
        const auto wanted = static_cast<uint32_t>(arity);
        const ExportEntry* e = breakpoints.find_export(mfa[0], mfa[1], wanted);
        exists = e != nullptr && e->bif != nullptr;
        if (const LoadedModule* loaded = breakpoints.current(mfa[0]); !exists && loaded != nullptr) {
            for (const Module::Function& f : loaded->module->functions) exists |= f.name == mfa[1] && f.arity == wanted;
        }
    }
    if (!exists) return say(am::undefined());
    const ExportEntry* e = breakpoints.find_export(mfa[0], mfa[1], static_cast<uint32_t>(arity));
    TracePoint* const point = stdlib_state(p).traces.find(e);
    const uint32_t kinds = point == nullptr ? 0 : point->kinds.load(std::memory_order_relaxed);
    if (kinds == 0) return say(am::false_());
    const auto item = [&](Term which) -> Term {
        if (which == am::traced()) {
            if ((kinds & TracePoint::kGlobal) != 0) return am::global();
            return (kinds & TracePoint::kLocal) != 0 ? am::local() : am::false_();
        }
        if (which == am::match_spec()) {
            if ((kinds & (TracePoint::kGlobal | TracePoint::kLocal)) == 0) return am::false_();
            return spec_source(p, point->spec.load(std::memory_order_relaxed));
        }
        if (which == am::meta()) {
            if ((kinds & TracePoint::kMeta) == 0) return key == am::all() ? am::false_() : Term::nil();
            const Term tracer(point->meta_tracer.load(std::memory_order_relaxed));
            return tracer.is_value() ? tracer : key == am::all() ? am::false_() : Term::nil();
        }
        if (which == am::meta_match_spec()) {
            if ((kinds & TracePoint::kMeta) == 0) return am::false_();
            return spec_source(p, point->meta_spec.load(std::memory_order_relaxed));
        }
        if (which == am::call_count()) {
            if ((kinds & TracePoint::kCount) == 0) return am::false_();
            return make_unsigned(p, point->count.load(std::memory_order_relaxed));
        }
        if (which == am::call_time()) return (kinds & TracePoint::kTime) == 0 ? am::false_() : call_times(p, *point);
        return Term::none();
    };
    if (key != am::all()) {
        const Term value = item(key);
        return value.is_none() ? p.badarg() : say(value);
    }
    ListMaker list(p);
    for (const Term which :
         {am::traced(), am::match_spec(), am::meta(), am::meta_match_spec(), am::call_time(), am::call_count()})
        list.add_pair(which, item(which));
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

}  // namespace

/// erlang:trace_info/2. Fails: badarg (cause: badopt).
Term trace_info_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    Vm& vm = p.machine();
    const Term what = a[0];
    if (what == am::on_load()) return on_load_info(p, a[1]);
    if (what == am::send()) return message_info(p, stdlib_state(p).traces.send, a[1]);
    if (what == am::receive()) return message_info(p, stdlib_state(p).traces.receive, a[1]);
    if (what == am::new_() || what == am::new_processes()) return tracee_info(p, vm.tracing.new_processes, a[1]);
    if (what == am::new_ports()) return tracee_info(p, vm.tracing.new_ports, a[1]);
    if (what.is_local_port()) {
        const auto port = vm.ports.find(what);
        return port == nullptr ? am::undefined() : tracee_info(p, port->tracee, a[1]);
    }
    if (what.is_local_pid()) {
        if (a[1] != am::flags() && a[1] != am::tracer()) return p.badarg();
        Process* const target = vm.processes.find(what);
        return target == nullptr ? am::undefined() : tracee_info(p, target->tracee, a[1]);
    }
    if (what.is_tuple()) {
        const TupleView mfa = as_tuple(what, 3);
        return mfa ? function_info(p, mfa, a[1]) : p.badarg();
    }
    return p.badarg_because(am::badopt());
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
    if (!a[0].is_pid() && a[0] != am::all()) return p.badarg();
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
