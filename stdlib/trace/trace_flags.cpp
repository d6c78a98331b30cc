#include "stdlib/trace/trace_flags.h"

#include "gc/copy.h"
#include "stdlib/build.h"
#include "stdlib/stdlib_state.h"
#include "term/views.h"

namespace lintel {

namespace {

struct FlagRow {
    AtomId name;
    uint32_t flag;
};

/// In the order that trace_info/2 conses them up.
constexpr FlagRow kFlags[] = {
    {AtomId::timestamp, kTraceTimestamp},
    {AtomId::strict_monotonic_timestamp, kTraceStrictMonotonic},
    {AtomId::monotonic_timestamp, kTraceMonotonic},
    {AtomId::send, kTraceSend},
    {AtomId::receive, kTraceReceive},
    {AtomId::set_on_spawn, kTraceSetOnSpawn},
    {AtomId::call, kTraceCall},
    {AtomId::procs, kTraceProcs},
    {AtomId::set_on_first_spawn, kTraceSetOnFirstSpawn},
    {AtomId::set_on_link, kTraceSetOnLink},
    {AtomId::set_on_first_link, kTraceSetOnFirstLink},
    {AtomId::running, kTraceRunning},
    {AtomId::exiting, kTraceExiting},
    {AtomId::garbage_collection, kTraceGc},
    {AtomId::arity, kTraceArity},
    {AtomId::return_to, kTraceReturnTo},
    {AtomId::silent, kTraceSilent},
    {AtomId::scheduler_id, kTraceSchedulerId},
    {AtomId::ports, kTracePorts},
    {AtomId::running_ports, kTraceRunningPorts},
    {AtomId::running_procs, kTraceRunningProcs},
};

}  // namespace

uint32_t trace_flag(Term name) {
    if (!name.is_atom()) return 0;
    if (name == am::all()) return kTraceeFlags;
    const AtomId id = atom_id(name);
    for (const FlagRow& row : kFlags) {
        if (row.name == id) return row.flag;
    }
    return 0;
}

namespace {

bool is_here(Term t) { return t.is_local_pid() || t.is_local_port(); }

/// erl_tracer is what stands for processes and ports.
Term make_tracer(Vm& vm, Term module, Term state) {
    if (module == am::erl_tracer() && is_here(state)) return state;
    if (module != am::erl_tracer() && !may_trace(*stdlib_state(vm).nifs, module)) return Term::none();
    return vm.tracing.module_tracer(module, state);
}

}  // namespace

Term parse_tracer(Vm& vm, Term term, Term tag) {
    const TupleView tuple = as_tuple(term);
    if (!tuple || tuple.arity() < 2 || tuple.arity() > 3 || tuple[0] != tag) return Term::none();
    if (tuple.arity() == 2) return is_here(tuple[1]) ? tuple[1] : Term::none();
    return tuple[1].is_atom() ? make_tracer(vm, tuple[1], tuple[2]) : Term::none();
}

Term parse_tracer(Vm& vm, Term term) {
    if (is_here(term)) return term;
    const TupleView pair = as_tuple(term, 2);
    return pair && pair[0].is_atom() ? make_tracer(vm, pair[0], pair[1]) : Term::none();
}

Term tracer_term(ExecState& p, Term tracer, Term otherwise) {
    if (tracer.is_none()) return otherwise;
    if (!is_module_tracer(tracer)) return tracer;
    const auto module = static_cast<Vm*>(p.vm)->tracing.find_module(tracer);
    if (module == nullptr) return otherwise;
    auto heap = p.reserve(flat_size(module->state, nullptr) + tuple_words(2));
    const Term state = copy_term(module->state, heap, nullptr);
    return module->module == am::erl_tracer() ? state : heap.tuple(module->module, state);
}

bool parse_trace_flags(Vm& vm, const TraceSession& session, Term list, TraceFlags* out) {
    TraceFlags parsed;
    for (; list.is_cons(); list = list.tail()) {
        const Term item = list.head();
        if (const uint32_t flag = trace_flag(item); flag != 0) {
            parsed.mask |= flag;
        } else if (item == am::cpu_timestamp()) {
            parsed.cpu_timestamp = true;
        } else {
            if (session.tracer.is_none()) parsed.tracer = parse_tracer(vm, item, am::tracer());
            if (parsed.tracer.is_none()) return false;
        }
    }
    if (!list.is_nil()) return false;
    if (parsed.mask != 0) out->mask = parsed.mask;
    if (parsed.tracer.is_value()) out->tracer = parsed.tracer;
    if (parsed.cpu_timestamp) out->cpu_timestamp = true;
    return true;
}

Term trace_flag_list(ExecState& p, uint32_t flags) {
    auto heap = p.reserve(list_words(std::size(kFlags)));
    Term list = Term::nil();
    for (const FlagRow& row : kFlags) {
        if ((flags & row.flag) == 0) continue;
        list = heap.cons(well_known_atom(row.name), list);
    }
    return list;
}

}  // namespace lintel
