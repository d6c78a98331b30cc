#pragma once
/// What the VM tells people about itself: for erlang:system_info/1, the break menu and crash dumps.

#include <string>

#include "sched/vm.h"

namespace lintel {

/// "Erlang/OTP 25 [erts-13.1.5] [lintel-0.1.0] …", a line without its end. What it begins with is what programs look for.
std::string system_version_text(const Vm& vm);
/// Lines: memory in bytes, by what it is for.
std::string memory_text(Vm& vm);
/// Lines: this node, if it is one, and those that it has heard of.
std::string nodes_text(const Vm& vm);
/// Lines: memory and counts.
std::string info_text(Vm& vm);
/// Lines: the modules that are loaded.
std::string loaded_text(Vm& vm);
/// Lines: what any thread may know of a process, and of all. Within a ForeignReader or on a thread of the VM.
std::string process_text(const Process& p);
std::string processes_text(Vm& vm);
/// Lines: the open ports.
std::string ports_text(Vm& vm);
/// Lines: the ETS tables. Not while processes run.
std::string tables_text(Vm& vm);

}  // namespace lintel
