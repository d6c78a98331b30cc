#pragma once
/// The crash dump: what a VM looked like when it gave up, in the format that OTP's crashdump_viewer reads.

#include <string_view>

#include "stdlib/bif.h"

namespace lintel {

/// Writes it to the file that ERL_CRASH_DUMP names, or erl_crash.dump, and says so on stderr; not if ERL_CRASH_DUMP_SECONDS is 0. Other
/// processes may be running meanwhile: of those it tells only what any thread may look at.
void write_crash_dump(ExecState& p, std::string_view slogan);

}  // namespace lintel
