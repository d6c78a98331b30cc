#pragma once
/// Sessions of tracing as Erlang code has them: docs/design/tracing.md.

#include <memory>

#include "stdlib/trace/trace_points.h"

namespace lintel {

/// The session that {Ref, {Name, Number}} or {Name, Number} is, if it has not come to its end; nullptr: there is none.
std::shared_ptr<PatternSession> trace_session(ExecState& p, Term handle);

/// What the session has of erlang:system_monitor/2, as a list.
Term monitor_settings(Process& p, const TraceSession& session);

/// f(PatternSession&) of that session; badarg (cause: session) if there is none.
template <typename F>
Term in_trace_session(ExecState& p, Term handle, F f) {
    const std::shared_ptr<PatternSession> session = trace_session(p, handle);
    return session == nullptr ? p.badarg_because(am::session()) : f(*session);
}

}  // namespace lintel
