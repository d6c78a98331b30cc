#pragma once
/// RwLock: many readers or one writer, one word, one atomic operation for each end when nobody contends.
///
///     bit 31   a writer has it
///     bit 30   somebody sleeps until it is free; newcomers queue up behind, so that writers are not starved
///     others   number of readers
///
/// Any thread may use it; who locked it unlocks it. Not recursive.

#include <atomic>
#include <cstdint>

namespace lintel {

class RwLock {
public:
    RwLock() = default;
    RwLock(const RwLock&) = delete;
    RwLock& operator=(const RwLock&) = delete;

    void lock_shared() {
        uint32_t s = state_.load(std::memory_order_relaxed);
        if ((s & (kWriter | kSleepers)) == 0 && take(s, s + 1)) return;
        lock_slow(kWriter | kSleepers, 1);
    }
    void unlock_shared() {
        if (state_.fetch_sub(1, std::memory_order_release) == (kSleepers | 1)) wake();
    }
    void lock() {
        uint32_t s = 0;
        if (take(s, kWriter)) return;
        lock_slow(~kSleepers, kWriter);
    }
    void unlock() {
        if (state_.fetch_and(~kWriter, std::memory_order_release) == (kSleepers | kWriter)) wake();
    }

private:
    static constexpr uint32_t kWriter = uint32_t{1} << 31;
    static constexpr uint32_t kSleepers = uint32_t{1} << 30;

    bool take(uint32_t& expected, uint32_t desired) {
        return state_.compare_exchange_weak(expected, desired, std::memory_order_acquire, std::memory_order_relaxed);
    }
    /// Waits until no bit of `busy` is set, then adds `mine`.
    void lock_slow(uint32_t busy, uint32_t mine);
    void wake();

    std::atomic<uint32_t> state_{0};
};

/// Holds a lock until the end of the block.
class RwLockGuard {
public:
    enum class Mode : uint8_t { read, write };
    RwLockGuard(RwLock& lock, Mode mode) : lock_(lock), mode_(mode) {
        if (mode == Mode::read) {
            lock_.lock_shared();
        } else {
            lock_.lock();
        }
    }
    ~RwLockGuard() {
        if (mode_ == Mode::read) {
            lock_.unlock_shared();
        } else {
            lock_.unlock();
        }
    }
    RwLockGuard(const RwLockGuard&) = delete;
    RwLockGuard& operator=(const RwLockGuard&) = delete;

private:
    RwLock& lock_;
    Mode mode_;
};

}  // namespace lintel
