#pragma once
/// Whether a process still uses the old version of a module: what code purging asks.

#include "sched/vm.h"

namespace lintel {

/// True if `p` returns to, catches in, or stands in the old code of `module`. On the thread that owns `p`.
bool uses_old_code(Vm& vm, Process& p, Term module);

}  // namespace lintel
