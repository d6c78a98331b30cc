#pragma once
/// How much memory a VM uses, for erlang:memory/0,1 and erlang:system_info/1.

#include "sched/vm.h"
#include "stdlib/ets/tables.h"

namespace lintel {

/// In bytes.
struct MemoryUse {
    size_t total;      ///< of the program: what the operating system counts as resident
    size_t processes;  ///< heaps and process structs; messages and side blocks are not counted
    size_t atom, atom_used, binary, code, ets;
};
MemoryUse memory_use(Vm& vm, EtsTables& ets);

/// What erlang:system_info(cpu_topology) answers: one core for each processor that is online.
Term cpu_topology(ExecState& p);
Term builtin_functions(ExecState& p);

/// What erlang:system_info(multi_scheduling) answers.
Term multi_scheduling_state(const Vm& vm);

}  // namespace lintel
