#pragma once
/// What a VM has of native libraries, for those who need not know what it is: stdlib/nif/library.h.

#include <memory>

#include "sched/trace.h"

namespace lintel {

class NifLibraries;
class Process;
class Vm;
struct LoadedModule;

std::shared_ptr<NifLibraries> make_nif_libraries(Vm& vm);
/// Vm::exit_hooks.
void tell_nif_libraries(Process& p);
/// The VM has halted: libraries that want to know are told.
void nif_libraries_halted(NifLibraries& libraries);
/// Whether functions run on dirty threads that nobody waits for when the VM halts.
bool has_running_nifs(const NifLibraries& libraries);
/// The version begins, or ends, to be the module's current one. Under the code server's lock.
void nif_module_enters(NifLibraries& libraries, const LoadedModule& version);
void nif_module_leaves(NifLibraries& libraries, const LoadedModule& version);
/// Whether the module's current version has what a tracer must have: stdlib/nif/tracers.h.
bool may_trace(const NifLibraries& libraries, Term module);
/// TraceHooks::module_wants, TraceHooks::module_told.
TracerAnswer tracer_wants(NifLibraries& libraries, const ModuleTracer& tracer, Term tag, Term tracee);
void tell_tracer(NifLibraries& libraries, const ModuleTracer& tracer, uint32_t flags, Term who, const TraceEvent& event,
                 const Scheduler* scheduler);
/// NifLibraries::end.
void end_nif_libraries(NifLibraries& libraries);

}  // namespace lintel
