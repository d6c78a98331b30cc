#pragma once
/// erlang:system_profile/2: who is told when processes become runnable.

#include <atomic>
#include <cstdint>
#include <mutex>

#include "term/term.h"

namespace lintel {

class Process;
class Vm;

/// Any thread reads; erlang:system_profile/2 changes it under Tracing::mutex.
struct SystemProfile {
    std::atomic<Word> profiler{0};  ///< pid; 0: nobody
    std::atomic<bool> runnable_procs{false};
    /// What is asked for and never happens here: ports do everything at once.
    std::atomic<bool> runnable_ports{false}, exclusive{false};
    std::atomic<uint32_t> time_flags{0};  ///< kTraceTimestamp or a relative

    void clear();
    /// `p`, which nobody runs just now, becomes runnable, or waits.
    void process(Process& p, bool active);

private:
    std::mutex order_;  ///< one event after the other
};

}  // namespace lintel
