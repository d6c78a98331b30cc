#pragma once
/// Sessions of tracing as Erlang code has them: docs/design/tracing.md.

#include <memory>

#include "stdlib/trace/trace_points.h"

namespace lintel {

/// The session that {Ref, {Name, Number}} or {Name, Number} is, if it has not come to its end; nullptr: there is none.
std::shared_ptr<PatternSession> trace_session(ExecState& p, Term handle);

}  // namespace lintel
