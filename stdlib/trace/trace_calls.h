#pragma once
/// What happens when a call stops at a breakpoint, and when the function returns. docs/design/tracing.md.

#include "sched/trace.h"

namespace lintel {

/// Calls and messages of the VM are traced by what this floor knows.
void install_trace_hooks(Vm& vm);

/// {Pid, Count, Seconds, Microseconds} of each process, as erlang:trace_info(MFA, call_time) has them; adds the time until now of those who
/// are in the function just now only when they leave it.
Term call_times(ExecState& p, struct TracePart& part);

}  // namespace lintel
