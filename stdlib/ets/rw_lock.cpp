#include "stdlib/ets/rw_lock.h"

namespace lintel {

namespace {

constexpr int kSpins = 200;

void pause_briefly() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

}  // namespace

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
