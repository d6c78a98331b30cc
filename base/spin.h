#pragma once
/// Waiting without sleep for what another thread is about to do.

#include <chrono>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lintel {

/// Whether it can be done by another thread meanwhile.
inline bool may_spin() { return std::thread::hardware_concurrency() > 1; }

/// For the processor: the thread only looks.
inline void pause_briefly() {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("isb");
#endif
}

/// Looks until `done()`, for 50 microseconds: longer than it takes to be put to sleep and woken up. Where two threads wait for each other in
/// turn and one has gone to sleep, the other is still there when it comes; with less, each would find the other asleep from then on. Returns what
/// it has seen last.
template <typename F>
bool spin_until(F done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(50);
    do {
        for (int i = 0; i < 16; ++i) {
            if (done()) return true;
            pause_briefly();
        }
    } while (std::chrono::steady_clock::now() < end);
    return done();
}

}  // namespace lintel
