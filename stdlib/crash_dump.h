#pragma once
/// The crash dump: what a VM looked like when it gave up, in the format that OTP's crashdump_viewer reads.

#include <string_view>

#include "sched/vm.h"

namespace lintel {

/// Writes it, on a thread of the VM, to the file that ERL_CRASH_DUMP names, or erl_crash.dump, and says so on stderr; not if ERL_CRASH_DUMP_SECONDS or ERL_CRASH_DUMP_BYTES (which says how much) is 0. Other
/// processes may be running meanwhile: of those it tells only what any thread may look at, of `current` (or nullptr) more.
void write_crash_dump(Vm& vm, const Process* current, std::string_view slogan);

}  // namespace lintel
