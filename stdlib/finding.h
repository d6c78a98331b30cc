#pragma once
/// Answers to questions about processes, which whoever runs gives in his own slice.

#include <utility>

#include "sched/vm.h"

namespace lintel {

/// Delivers what the VM itself has found out about somebody: in whose slice that was, and for which tenant that one acts, does not matter to
/// who asked.
inline void deliver_finding(Vm& vm, Term pid, Signal* s) {
    const uint32_t acts_for = std::exchange(this_thread.tenant, 0);
    vm.deliver(pid, s);
    this_thread.tenant = acts_for;
}

}  // namespace lintel
