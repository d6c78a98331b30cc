#pragma once
/// ProcessTable: from pids to processes. Lookup is lock-free; see docs/design/processes.md for how long a result may be used.

#include <atomic>
#include <cstddef>

#include "sched/epoch.h"
#include "term/identifier.h"

namespace lintel {

class Process;

/// Bits of the serial of <0.Number.Serial>, above the number.
inline constexpr unsigned kPidSerialBits = 13;
inline constexpr Word kPidDataMask = (Word{1} << (kPidNumberBits + kPidSerialBits)) - 1;

class ProcessTable {
public:
    static constexpr size_t kMinLimit = 1024, kMaxLimit = size_t{1} << 27;

    /// Room for `limit` processes, rounded up to a power of two. Memory is committed as it is used. limit() is 0 when the system has
    /// no address space for them: then nothing may be asked of the table but that and next.
    explicit ProcessTable(size_t limit);
    ~ProcessTable();
    ProcessTable(const ProcessTable&) = delete;
    ProcessTable& operator=(const ProcessTable&) = delete;

    /// Reserves the next free pid, the non-value when there are `limit()` processes. Any thread. The place is filled by publish.
    Term reserve();
    /// Makes `process`, whose pid was reserved, visible.
    void publish(Process* process);
    /// Gives a reserved pid back.
    void abandon(Term pid);
    /// Takes `process` out. It may still be in use by others that have looked it up.
    void remove(Process* process);

    /// The process, or nullptr if `pid` (a local pid) is not alive. Any reader thread.
    Process* find(Term pid) const;
    /// The next process at or after slot `*slot`, which is moved on; nullptr at the end. Any reader thread.
    Process* next(size_t* slot) const;

    size_t count() const { return count_.load(std::memory_order_relaxed); }
    size_t limit() const { return capacity_; }
    size_t bytes() const { return capacity_ * sizeof(void*); }

private:
    using Slot = std::atomic<Process*>;
    static Process* reserved() { return reinterpret_cast<Process*>(Word{1}); }
    Slot& slot_of(Word data) const { return slots_[data & (capacity_ - 1)]; }

    Slot* slots_ = nullptr;
    size_t capacity_;
    std::atomic<size_t> count_{0};
    std::atomic<Word> next_{0};
};

}  // namespace lintel
