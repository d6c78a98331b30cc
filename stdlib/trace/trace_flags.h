#pragma once
/// The flag lists of erlang:trace/3.

#include "sched/trace.h"
#include "vm/exec_state.h"

namespace lintel {

/// The flag of that name, or 0. `all` is every flag.
uint32_t trace_flag(Term name);

struct TraceFlags {
    uint32_t mask = 0;
    Term tracer;  ///< as given by {tracer, Tracer}, or none
    bool cpu_timestamp = false;
};
/// Reads a list of flags into *out, which keeps what the list does not name. False: it is none, or names a tracer that is none, or names one
/// although the session has its own.
bool parse_trace_flags(Vm& vm, const TraceSession& session, Term list, TraceFlags* out);
/// {Tag, Tracer}, {Tag, Module, State}: the tracer, or the non-value.
Term parse_tracer(Vm& vm, Term tuple, Term tag);
/// Tracer, {Module, State}: the tracer, or the non-value.
Term parse_tracer(Vm& vm, Term term);
/// A tracer as Erlang code has it: a pid, a port, {Module, State}; `otherwise` if there is none.
Term tracer_term(ExecState& p, Term tracer, Term otherwise);
/// The list of flags as erlang:trace_info/2 has it.
Term trace_flag_list(ExecState& p, uint32_t flags);

}  // namespace lintel
