#pragma once
/// erlang:system_monitor/2 and trace:system/3: who is told of collections and slices that take long, large heaps, long message queues, and
/// processes that a busy port suspends.

#include <atomic>
#include <cstdint>

#include "term/term.h"

namespace lintel {

class Port;
class Process;
class Vm;
struct CodeLocation;
struct TraceSession;

/// What one session of tracing wants to be told of. Under Tracing::mutex. The zero of a limit: not watched.
struct MonitorSettings {
    Term receiver;  ///< pid, or none: nobody
    uint64_t long_gc_ms = 0, long_schedule_ms = 0, large_heap_words = 0;
    uint64_t long_queue = 0;   ///< messages
    uint64_t short_queue = 0;  ///< so few again are told of, too; fewer than long_queue
    bool busy_port = false, busy_dist_port = false;
};

/// What any session wants. Any thread reads; `update` changes it.
class SystemMonitor {
public:
    bool watches_collections() const {
        return (long_gc_ms_.load(std::memory_order_relaxed) | large_heap_words_.load(std::memory_order_relaxed)) != 0;
    }
    bool watches_slices() const { return long_schedule_ms_.load(std::memory_order_relaxed) != 0; }
    bool is_long_queue(uint64_t messages) const { return messages >= long_queue_.load(std::memory_order_relaxed); }
    bool is_short_queue(uint64_t messages) const { return messages <= short_queue_.load(std::memory_order_relaxed); }

    /// Settings of sessions have changed. Under Tracing::mutex.
    void update(const Vm& vm);

    // ---- on p's thread
    void collected(Process& p, int64_t ns);
    /// A slice that began in the function `in` took so long.
    void ran(Process& p, const CodeLocation& in, int64_t ns);
    /// A port took so long for what the system told it: `operation` is input, output or timeout. Under its lock.
    void ran(Port& port, Term operation, int64_t ns);
    /// A port is busy; is_node: that of a connection with another node.
    void suspended_by(Process& p, Term port, bool is_node);
    /// is_long_queue of p's messages.
    void queue_is_long(Process& p);
    /// is_short_queue of p's messages, which were too many (kTraceLongQueue).
    void queue_is_short(Process& p);

private:
    std::atomic<uint64_t> long_gc_ms_{0}, long_schedule_ms_{0}, large_heap_words_{0};  // the smallest
    std::atomic<uint64_t> long_queue_{UINT64_MAX};                                     // the smallest
    std::atomic<uint64_t> short_queue_{0};                                             // the largest
    std::atomic<bool> busy_port_{false}, busy_dist_port_{false};
};

}  // namespace lintel
