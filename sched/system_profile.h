#pragma once
/// erlang:system_profile/2: who is told when processes become runnable.

#include <atomic>
#include <cstdint>
#include <mutex>

#include "term/term.h"

namespace lintel {

class Port;
class Process;
class Vm;

/// Any thread reads; erlang:system_profile/2 changes it under Tracing::mutex.
struct SystemProfile {
    std::atomic<Word> profiler{0};  ///< pid; 0: nobody
    std::atomic<bool> runnable_procs{false};
    std::atomic<bool> runnable_ports{false}, schedulers{false};
    /// Asked for; who asks a port for something never stops for it, so it changes nothing.
    std::atomic<bool> exclusive{false};
    std::atomic<uint32_t> time_flags{0};  ///< kTraceTimestamp or a relative

    void clear();
    /// `p`, which nobody runs just now, becomes runnable, or waits.
    void process(Process& p, bool active);
    /// The port begins or ends to do something; under its lock.
    void port(Port& port, bool active);
    /// The scheduler of that number goes to sleep, or goes on.
    void scheduler(Vm& vm, size_t number, bool active);
    /// How many do not sleep, as far as is known.
    void count_schedulers(Vm& vm);

private:
    template <typename F>
    void tell(Vm& vm, F build);

    std::mutex order_;               ///< one event after the other
    int64_t active_schedulers_ = 0;  // under order_
};

}  // namespace lintel
