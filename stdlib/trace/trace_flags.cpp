#include "stdlib/trace/trace_flags.h"

#include "stdlib/build.h"
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

Term parse_tracer(Term term, Term tag) {
    const TupleView tuple = as_tuple(term);
    if (!tuple || tuple.arity() < 2 || tuple.arity() > 3 || tuple[0] != tag) return Term::none();
    if (tuple.arity() == 3 && tuple[1] != am::erl_tracer()) return Term::none();
    const Term tracer = tuple[tuple.arity() - 1];
    return tracer.is_local_pid() || tracer.is_local_port() ? tracer : Term::none();
}

bool parse_trace_flags(const TraceSession& session, Term list, TraceFlags* out) {
    TraceFlags parsed;
    for (; list.is_cons(); list = list.tail()) {
        const Term item = list.head();
        if (const uint32_t flag = trace_flag(item); flag != 0) {
            parsed.mask |= flag;
        } else if (item == am::cpu_timestamp()) {
            parsed.cpu_timestamp = true;
        } else {
            if (session.tracer.is_none()) parsed.tracer = parse_tracer(item, am::tracer());
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
