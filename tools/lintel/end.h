#pragma once
/// The end of the program while threads still run.

#include <lintel/lintel.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

/// lintel_config::abandon: nobody waits for native functions, as with OTP.
inline void end_at_once(void*, int status) {
    if (status == LINTEL_STATUS_ABORT) std::abort();
    std::fflush(nullptr);
    _exit(status);
}
