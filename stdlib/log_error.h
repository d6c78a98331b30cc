#pragma once
/// Errors that BIFs tell OTP's logger of.

#include "sched/vm.h"
#include "stdlib/build.h"

namespace lintel {

/// An error report of `p`, with a new line behind `text`, as OTP's emulator sends it.
inline void log_error(Process& p, std::string_view text) {
    p.machine().log_event(p, am::error(), "~s~n", {make_string(p, text)});
}

}  // namespace lintel
