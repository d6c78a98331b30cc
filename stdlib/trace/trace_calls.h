#pragma once
/// What happens when a call stops at a breakpoint, and when the function returns. docs/design/tracing.md.

#include "sched/trace.h"

namespace lintel {

/// Calls and messages of the VM are traced by what this floor knows.
void install_trace_hooks(Vm& vm);

/// {Pid, Count, Seconds, Microseconds} or {Pid, Count, Words} of each process, as erlang:trace_info/2 has them; of those who are in the function
/// just now, what it was until they came to it, or to a function called by it.
Term call_measures(ExecState& p, struct TracePart& part, CallMeasure what);

}  // namespace lintel
