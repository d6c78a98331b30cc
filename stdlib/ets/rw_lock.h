#pragma once
/// RwLock: many readers or one writer, one word, one atomic operation for each end when nobody contends.
///
///     bit 31   a writer has it
///     bit 30   somebody sleeps until it is free; newcomers queue up behind, so that writers are not starved
///     others   number of readers
///
/// Where there are readers and hardly ever writers it becomes biased: a reader then notes in a slot of its own thread which lock it has, and
/// writes nothing that others read. A writer takes the bias away, and waits until no slot has the lock; for long after, readers count in the
/// word again, so that this costs writers little (Dice, Kogan: BRAVO, 2019). The fence that a reader would need between its note and its look
/// at the bias is the writer's (base/thread_fence.h).
///
/// Any thread may use it; who locked it unlocks it. Not recursive.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace lintel {

class RwLock;

/// What each thread has locked for reading without counting.
class ReaderSlots {
public:
    struct alignas(64) Slot {
        std::atomic<const RwLock*> lock{nullptr};  ///< written by its thread only
    };

    /// For threads 0 to `threads` - 1.
    explicit ReaderSlots(size_t threads);

    Slot& operator[](size_t thread) { return slots_[thread]; }
    /// False: readers count, always.
    bool can_be_used();
    /// Returns when no slot has `lock`, which is not biased any more.
    void wait_for_readers(const RwLock& lock) const;

private:
    std::vector<Slot> slots_;
    std::once_flag asked_;
    std::atomic<bool> has_fence_;
};

class RwLock {
public:
    /// `slots` of the threads that read with one.
    explicit RwLock(ReaderSlots& slots) : slots_(slots) {}
    RwLock(const RwLock&) = delete;
    RwLock& operator=(const RwLock&) = delete;

    /// For reading, by the thread of `slot`. Returns what unlock_shared wants: `slot`, or nullptr if it has counted.
    ReaderSlots::Slot* lock_shared(ReaderSlots::Slot& slot) {
        if (is_biased_.load(std::memory_order_relaxed) && slot.lock.load(std::memory_order_relaxed) == nullptr) {
            slot.lock.store(this, std::memory_order_release);
            std::atomic_signal_fence(std::memory_order_seq_cst);
            if (is_biased_.load(std::memory_order_acquire)) return &slot;
            slot.lock.store(nullptr, std::memory_order_release);
        }
        lock_shared();
        const auto counted = static_cast<uint8_t>(counted_.load(std::memory_order_relaxed) + 1);
        counted_.store(counted, std::memory_order_relaxed);
        if (counted % kCountedPerLook == 0) consider_bias();
        return nullptr;
    }
    void unlock_shared(ReaderSlots::Slot* slot) {
        if (slot == nullptr) return unlock_shared();
        slot->lock.store(nullptr, std::memory_order_release);
    }
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
        if (!take(s, kWriter)) lock_slow(~kSleepers, kWriter);
        if (is_biased_.load(std::memory_order_relaxed)) end_bias();
    }
    void unlock() {
        if (state_.fetch_and(~kWriter, std::memory_order_release) == (kSleepers | kWriter)) wake();
    }

private:
    static constexpr uint32_t kWriter = uint32_t{1} << 31;
    static constexpr uint32_t kSleepers = uint32_t{1} << 30;
    static constexpr uint8_t kCountedPerLook = 64;

    bool take(uint32_t& expected, uint32_t desired) {
        return state_.compare_exchange_weak(expected, desired, std::memory_order_acquire, std::memory_order_relaxed);
    }
    /// Waits until no bit of `busy` is set, then adds `mine`.
    void lock_slow(uint32_t busy, uint32_t mine);
    void wake();
    /// By a reader that has counted.
    void consider_bias();
    /// By the writer.
    void end_bias();

    std::atomic<uint32_t> state_{0};
    std::atomic<bool> is_biased_{false};  ///< changed by who has the lock
    std::atomic<uint8_t> counted_{0};     ///< readers, about
    std::atomic<int64_t> no_bias_until_ns_{0};
    ReaderSlots& slots_;
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
