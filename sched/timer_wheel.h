#pragma once
/// TimerWheel: hierarchical timing wheel. sched/timer_wheel.cpp tells the algorithm. Not thread-safe: the owner of the wheel locks.

#include <cstddef>
#include <cstdint>

namespace lintel {

/// A node in a wheel; a member or base of what is to happen.
struct Timer {
    Timer* next = nullptr;  ///< ring of its slot; nullptr: not in a wheel
    Timer* previous = nullptr;
    uint64_t deadline = 0;  ///< in ticks
    /// Called by the wheel's owner when due, the node being out of the wheel.
    void (*fire)(Timer& timer, void* context) = nullptr;
    void* data = nullptr;
    uint16_t wheel = 0;  ///< index of the scheduler whose wheel it is in
    uint8_t level = 0, slot = 0;
    bool fired = false;

    bool is_active() const { return next != nullptr; }
};

class TimerWheel {
public:
    static constexpr uint64_t kNever = UINT64_MAX;

    explicit TimerWheel(uint64_t now = 0) : now_(now) {}

    /// Puts `timer` in, due at `deadline` (a past one: at the next advance). O(1).
    void start(Timer& timer, uint64_t deadline);
    /// Takes it out; nothing if it is not in. O(1).
    void cancel(Timer& timer);
    /// Fires all timers due at or before `now`, in order of their deadlines. `fire` may start and cancel timers.
    /// Returns how many fired.
    /// `choose`, if there is one, says which of those with the same deadline is next: one of the ring.
    size_t advance(uint64_t now, void* context, Timer& (*choose)(Timer& first, void* context) = nullptr);
    /// A tick at or before which nothing is due; kNever if the wheel is empty. Never later than the first deadline.
    uint64_t next_due() const;
    size_t count() const { return count_; }
    uint64_t now() const { return now_; }

private:
    static constexpr unsigned kFirstBits = 8, kBits = 6, kLevels = 6;
    static constexpr size_t kFirstSlots = size_t{1} << kFirstBits, kSlots = size_t{1} << kBits;
    static constexpr unsigned shift_of(unsigned level) { return level == 0 ? 0 : kFirstBits + (level - 1) * kBits; }

    Timer** bucket(unsigned level, size_t slot) {
        return level == 0 ? &first_[slot] : &rest_[(level - 1) * kSlots + slot];
    }
    void place(Timer& timer);
    void put(Timer& timer, unsigned level, size_t slot);
    void mark(unsigned level, size_t slot, bool used);
    void cascade(unsigned level);

    uint64_t now_;  ///< every tick before it has been served, and it too
    size_t count_ = 0;
    uint64_t first_used_[kFirstSlots / 64] = {};
    uint64_t used_[kLevels] = {};  ///< [0] unused
    Timer* first_[kFirstSlots] = {};
    Timer* rest_[(kLevels - 1) * kSlots] = {};
};

}  // namespace lintel
