#pragma once
/// Waiting without sleep for what another thread is about to do.

#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lintel {

/// Whether it can be done by another thread meanwhile.
inline bool may_spin() { return std::thread::hardware_concurrency() > 1; }

/// Looks until `done()`, for 5 to 20 microseconds: what being put to sleep and woken up costs. Returns what it has seen last.
template <typename F>
bool spin_until(F done) {
    for (int i = 0; i < 400; ++i) {
        if (done()) return true;
#if defined(__x86_64__)
        _mm_pause();
#elif defined(__aarch64__)
        asm volatile("isb");
#endif
    }
    return done();
}

}  // namespace lintel
