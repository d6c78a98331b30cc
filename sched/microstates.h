#pragma once
/// Microstate accounting: where the threads of a VM spend their time (erlang:statistics/1, microstate_accounting).
///
/// A thread adds up nanoseconds in the engine and in the collector while accounting is on; it sleeps whenever it runs no
/// process and waits; the rest (signals, queues, timers) is what is missing to the time that accounting has been on.

#include <atomic>
#include <cstdint>
#include <mutex>

namespace lintel {

/// Of one thread, which writes it; anybody reads it.
struct ThreadTimes {
    std::atomic<int64_t> engine_ns{0};
    std::atomic<int64_t> collector_ns{0};  ///< not part of engine_ns
    std::atomic<int64_t> sleep_ns{0};

    void add(std::atomic<int64_t>& time, int64_t ns) {
        // A reset by somebody else meanwhile must not be undone.
        time.fetch_add(ns, std::memory_order_relaxed);
    }
    void reset() {
        for (auto* t : {&engine_ns, &collector_ns, &sleep_ns}) t->store(0, std::memory_order_relaxed);
    }
};

/// Of the VM.
class Microstates {
public:
    bool is_on() const { return on_.load(std::memory_order_relaxed); }
    /// Whether it was on.
    bool turn(bool on, int64_t now) {
        const std::lock_guard lock(mutex_);
        const bool before = is_on();
        if (on && !before) since_ns_ = now;
        if (!on && before) passed_ns_ += now - since_ns_;
        on_.store(on, std::memory_order_relaxed);
        return before;
    }
    void reset(int64_t now) {
        const std::lock_guard lock(mutex_);
        passed_ns_ = 0;
        since_ns_ = now;
    }
    /// For how long it has been on, since the last reset.
    int64_t total_ns(int64_t now) const {
        const std::lock_guard lock(mutex_);
        return passed_ns_ + (is_on() ? now - since_ns_ : 0);
    }
    /// The part of a time that began at `from` and ends `now` in which it has been on: it has not been turned off since.
    int64_t counted_ns(int64_t from, int64_t now) const {
        const std::lock_guard lock(mutex_);
        if (!is_on()) return 0;
        return now - (from > since_ns_ ? from : since_ns_);
    }

private:
    std::atomic<bool> on_{false};
    mutable std::mutex mutex_;
    int64_t since_ns_ = 0;   ///< when it was turned on or reset
    int64_t passed_ns_ = 0;  ///< before that
};

}  // namespace lintel
