#include "stdlib/ets/rw_lock.h"

#include <chrono>

#include "base/spin.h"
#include "base/thread_fence.h"

namespace lintel {

namespace {

constexpr int kSpins = 200;

/// A lock is not biased for so many times the time that ending the last bias has taken.
constexpr int64_t kCalmTimes = 31;

/// Of the system: how long a lock stays as it is shows nowhere in what programs do.
int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

ReaderSlots::ReaderSlots(size_t threads) : slots_(threads), has_fence_(prepare_thread_fence_early()) {}

bool ReaderSlots::can_be_used() {
    if (has_fence_.load(std::memory_order_relaxed)) return true;
    std::call_once(asked_, [this] { has_fence_.store(prepare_thread_fence(), std::memory_order_relaxed); });
    return has_fence_.load(std::memory_order_relaxed);
}

void ReaderSlots::wait_for_readers(const RwLock& lock) const {
    for (const Slot& slot : slots_) {
        for (int spins = 0; slot.lock.load(std::memory_order_acquire) == &lock;) {
            if (++spins < kSpins) {
                pause_briefly();
            } else {
                std::this_thread::yield();
            }
        }
    }
}

void RwLock::consider_bias() {
    if (slots_.can_be_used() && now_ns() >= no_bias_until_ns_.load(std::memory_order_relaxed))
        is_biased_.store(true, std::memory_order_release);
}

void RwLock::end_bias() {
    const int64_t begun = now_ns();
    is_biased_.store(false, std::memory_order_relaxed);
    // From here on a reader that goes by its slot has shown itself there, or sees that there is no bias.
    fence_all_threads();
    slots_.wait_for_readers(*this);
    const int64_t end = now_ns();
    no_bias_until_ns_.store(end + (end - begun) * kCalmTimes, std::memory_order_relaxed);
}

// A sleeper sets kSleepers only while somebody has the lock; whoever leaves it last clears the bit and wakes all.

void RwLock::lock_slow(uint32_t busy, uint32_t mine) {
    for (int spins = 0;;) {
        uint32_t s = state_.load(std::memory_order_relaxed);
        if ((s & busy) == 0) {
            if (take(s, s + mine)) return;
            continue;
        }
        if (spins < kSpins) {
            ++spins;
            pause_briefly();
            continue;
        }
        if ((s & kSleepers) == 0 && !state_.compare_exchange_weak(s, s | kSleepers, std::memory_order_relaxed))
            continue;
        state_.wait(s | kSleepers, std::memory_order_relaxed);
    }
}

void RwLock::wake() {
    state_.fetch_and(~kSleepers, std::memory_order_relaxed);
    state_.notify_all();
}

}  // namespace lintel
