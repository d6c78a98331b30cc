#pragma once
/// SpinMutex: a mutex for short work, with one atomic change to take it and a plain store to let it go.
///
/// Who finds it taken looks again for a while, then lets others run, then sleeps for 50 microseconds at a time: its holder may have lost its
/// processor. Not for what is held over a wait. A std::lock_guard takes it.

#include <atomic>

#include "base/spin.h"

namespace lintel {

class SpinMutex {
public:
    SpinMutex() = default;
    SpinMutex(const SpinMutex&) = delete;
    SpinMutex& operator=(const SpinMutex&) = delete;

    void lock() {
        if (is_taken_.exchange(true, std::memory_order_acquire)) wait();
    }
    void unlock() { is_taken_.store(false, std::memory_order_release); }

private:
    void wait() {
        constexpr int kSpins = 100, kYields = 50;
        int turns = 0;
        do {
            if (turns < kSpins) {
                pause_briefly();
            } else if (turns < kSpins + kYields) {
                std::this_thread::yield();
            } else {
                std::this_thread::sleep_for(std::chrono::microseconds(50));
            }
            ++turns;
        } while (is_taken_.load(std::memory_order_relaxed) || is_taken_.exchange(true, std::memory_order_acquire));
    }

    std::atomic<bool> is_taken_{false};
};

}  // namespace lintel
