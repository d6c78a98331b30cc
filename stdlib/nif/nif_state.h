#pragma once
/// What a VM has of native libraries, for those who need not know what it is: stdlib/nif/library.h.

#include <memory>

namespace lintel {

class NifLibraries;
class Process;
class Vm;

std::shared_ptr<NifLibraries> make_nif_libraries(Vm& vm);
/// Vm::exit_hooks.
void tell_nif_libraries(Process& p);
/// The VM has halted: libraries that want to know are told.
void nif_libraries_halted(NifLibraries& libraries);
/// Whether functions run on dirty threads that nobody waits for when the VM halts.
bool has_running_nifs(const NifLibraries& libraries);
/// NifLibraries::end.
void end_nif_libraries(NifLibraries& libraries);

}  // namespace lintel
