#pragma once
/// MemoryAccount: what one VM has allocated, and how much it may. try_allocate and allocate_block (base/pages.h) ask the account of
/// the calling thread, so that neither heaps nor tables need to know of it.

#include <atomic>
#include <cstddef>

namespace lintel {

class MemoryAccount {
public:
    /// `limit_bytes`: 0: count nothing, allow everything.
    explicit MemoryAccount(size_t limit_bytes) : limit_(static_cast<ptrdiff_t>(limit_bytes)) {}
    bool is_limited() const { return limit_ != 0; }
    /// In use, to within 64 KiB for each thread of the VM. Any thread.
    size_t bytes() const {
        const ptrdiff_t n = bytes_.load(std::memory_order_relaxed);
        return n > 0 ? static_cast<size_t>(n) : 0;
    }
    void add(ptrdiff_t bytes) { bytes_.fetch_add(bytes, std::memory_order_relaxed); }
    /// Of these, binaries outside of heaps; counted whether there is a limit or not. As exact as bytes().
    size_t binary_bytes() const {
        const ptrdiff_t n = binary_bytes_.load(std::memory_order_relaxed);
        return n > 0 ? static_cast<size_t>(n) : 0;
    }
    void add_binaries(ptrdiff_t bytes) { binary_bytes_.fetch_add(bytes, std::memory_order_relaxed); }
    /// Whether `bytes` more are within the limit, or, if they are a `small` request, an eighth beyond it.
    bool has_room(size_t bytes, bool small) const {
        const ptrdiff_t limit = small ? limit_ + limit_ / 8 : limit_;
        return bytes <= static_cast<size_t>(limit) &&
               bytes_.load(std::memory_order_relaxed) <= limit - static_cast<ptrdiff_t>(bytes);
    }

    /// Whether there is room for a new process of `bytes`. An eighth of the limit is kept for those that run already: a flood of new ones
    /// is refused before anybody else is.
    bool has_room_for_process(size_t bytes) const {
        return !is_limited() || has_room(bytes + static_cast<size_t>(limit_ / 8), false);
    }

private:
    const ptrdiff_t limit_;
    std::atomic<ptrdiff_t> bytes_{0};
    std::atomic<ptrdiff_t> binary_bytes_{0};
};

/// While it lives, what the calling thread allocates and frees counts for `account` (of other things than binaries only if that is
/// limited). They nest.
class MemoryScope {
public:
    explicit MemoryScope(MemoryAccount& account);
    /// For nobody: memory that changes hands.
    MemoryScope();
    ~MemoryScope();
    MemoryScope(const MemoryScope&) = delete;
    MemoryScope& operator=(const MemoryScope&) = delete;

private:
    MemoryAccount* before_;
};

/// While it lives, the calling thread may go beyond the limit: for what must not fail, such as the words of a BIF that cannot
/// give up half-way. The process that needed it is ended afterwards (see take_overdraft).
class MemoryReserve {
public:
    MemoryReserve();
    ~MemoryReserve();
    MemoryReserve(const MemoryReserve&) = delete;
    MemoryReserve& operator=(const MemoryReserve&) = delete;
};

/// Whether the calling thread has gone beyond the limit since it was asked last.
bool take_overdraft();

// ---- for base/alloc.cpp and base/pages.cpp

/// False: `bytes` more are not allowed. Otherwise they are counted.
bool account_allocation(size_t bytes);
void account_release(size_t bytes);
/// What was counted as `counted` bytes has turned out to be `used`.
void account_correction(size_t counted, size_t used);
/// Whether anything counts on this thread.
bool is_accounted();

/// `bytes` more (or fewer) are in binaries outside of heaps. For term/bits.cpp.
void account_binary(ptrdiff_t bytes);
/// The account of this thread is told what has not been told yet.
void settle_account();

}  // namespace lintel
