#pragma once
/// erlang:system_monitor/2: who is told of collections and slices that take long, large heaps, and processes that a busy port suspends.

#include <atomic>
#include <cstdint>

#include "term/term.h"

namespace lintel {

class Process;
class Vm;
struct CodeLocation;

/// Any thread reads; erlang:system_monitor/2 changes all of it at once, under Tracing::mutex. The zero of a limit: not watched.
struct SystemMonitor {
    std::atomic<Word> pid{0};  ///< who is told; 0: nobody
    std::atomic<uint64_t> long_gc_ms{0}, long_schedule_ms{0}, large_heap_words{0};
    std::atomic<bool> busy_port{false}, busy_dist_port{false};

    bool watches_collections() const {
        return (long_gc_ms.load(std::memory_order_relaxed) | large_heap_words.load(std::memory_order_relaxed)) != 0;
    }
    bool watches_slices() const { return long_schedule_ms.load(std::memory_order_relaxed) != 0; }
    void clear();

    // ---- on p's thread
    void collected(Process& p, int64_t ns);
    /// A slice that began in the function `in` took so long.
    void ran(Process& p, const CodeLocation& in, int64_t ns);
    void suspended_by(Process& p, Term port);
};

}  // namespace lintel
