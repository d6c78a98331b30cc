#pragma once
/// Whether a process still uses the old version of a module: what code purging asks.

#include "sched/vm.h"

namespace lintel {

/// True if `p` returns to, catches in, or stands in the old code of `module` (or in what is being purged of it), or handles an
/// exception that came through it. Funs and literals do not count: calls of funs find out themselves, literals are
/// copied later (erlang:check_process_code/2). On the thread that owns `p`.
bool uses_old_code(Vm& vm, Process& p, Term module);

}  // namespace lintel
