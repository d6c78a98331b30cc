#pragma once

#include <string>

namespace lintel {

class Process;

/// The stack of `p` in words, as OTP lays it out, with addresses of this VM; nothing of a sensitive process. On p's thread, or while nobody runs it.
std::string backtrace_text(Process& p);

}  // namespace lintel
