#pragma once
/// Match specifications of trace patterns, run against a call or a message.

#include "sched/process.h"
#include "stdlib/trace/trace_points.h"

namespace lintel {

struct TraceMatch {
    Term message;  ///< `false`: no event; `true`: as it is; anything else goes into it
    bool return_trace = false;
    bool exception_trace = false;
};

/// What `spec`, a pattern of `session`, makes of these arguments, in process `p` on its thread; carries out its actions. They do not change p's registers and
/// stack. `caller`: the return address of a traced call, or nullptr.
TraceMatch run_trace_spec(Process& p, PatternSession& session, const TraceSpec& spec, std::span<const Term> arguments,
                          const void* caller);

}  // namespace lintel
