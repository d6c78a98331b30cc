#pragma once
/// MemoryAccount: what one VM has allocated, and how much it may. try_allocate and allocate_block (base/pages.h) ask the account of
/// the calling thread, so that neither heaps nor tables need to know of it.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"

namespace lintel {

struct BinaryData;

/// Somebody other than the VM pays for the bytes of a binary, or they are foreign: frees them and the block. See BinaryData::keeper.
struct BinaryKeeper {
    void (*free)(BinaryData& data, const BinaryKeeper& keeper);
};

class MemoryAccount {
public:
    /// `limit_bytes`: 0: there is none. What counts here counts for `above`, too. Without limit and `above` nothing but binaries and atoms is
    /// counted.
    /// `tenant`: the number of who it is for (sched/tenant.h).
    explicit MemoryAccount(size_t limit_bytes, MemoryAccount* above = nullptr, uint32_t tenant_number = 0)
        : tenant(tenant_number), limit_(static_cast<ptrdiff_t>(limit_bytes)), above_(above) {}
    MemoryAccount(const MemoryAccount&) = delete;
    MemoryAccount& operator=(const MemoryAccount&) = delete;

    const uint32_t tenant;

    /// Any thread.
    void set_limit(size_t bytes) { limit_.store(static_cast<ptrdiff_t>(bytes), std::memory_order_relaxed); }
    bool is_limited() const { return limit() != 0 || (above_ != nullptr && above_->is_limited()); }
    bool is_counting() const { return above_ != nullptr || limit() != 0; }
    /// In use, to within 64 KiB for each thread of the VM. Any thread.
    size_t bytes() const { return read(bytes_); }
    void add(ptrdiff_t bytes) {
        if (above_ != nullptr) above_->add(bytes);
        bytes_.fetch_add(bytes, std::memory_order_relaxed);
    }
    /// Of these, binaries outside of heaps; counted whether there is a limit or not. As exact as bytes().
    size_t binary_bytes() const { return read(binary_bytes_); }
    void add_binaries(ptrdiff_t bytes) {
        if (above_ != nullptr) above_->add_binaries(bytes);
        binary_bytes_.fetch_add(bytes, std::memory_order_release);
    }
    /// Whether `bytes` more are within the limit, or, if they are a `small` request, an eighth beyond it.
    bool has_room(size_t bytes, bool small) const {
        if (above_ != nullptr && !above_->has_room(bytes, small)) return false;
        const ptrdiff_t own = limit();
        if (own == 0) return true;
        const ptrdiff_t limit = small ? own + own / 8 : own;
        return bytes <= static_cast<size_t>(limit) &&
               bytes_.load(std::memory_order_relaxed) <= limit - static_cast<ptrdiff_t>(bytes);
    }
    /// Whether there is room for a new process of `bytes`. An eighth of the limit is kept for those that run already: a flood of new ones
    /// is refused before anybody else is.
    bool has_room_for_process(size_t bytes) const {
        if (above_ != nullptr && !above_->has_room_for_process(bytes)) return false;
        const ptrdiff_t own = limit();
        return own == 0 || bytes_.load(std::memory_order_relaxed) + own / 8 <= own - static_cast<ptrdiff_t>(bytes);
    }

    // ---- a limit to the bytes of binaries: 0: there is none
    void set_binary_limit(size_t bytes) { binary_limit_.store(bytes, std::memory_order_relaxed); }
    bool has_room_for_binary(size_t bytes) const {
        if (above_ != nullptr && !above_->has_room_for_binary(bytes)) return false;
        const size_t limit = binary_limit_.load(std::memory_order_relaxed);
        return limit == 0 || (bytes <= limit && binary_bytes() <= limit - bytes);
    }

    // ---- atoms made: they never go
    void set_atom_limit(size_t atoms) { atom_limit_.store(atoms, std::memory_order_relaxed); }
    size_t atoms() const { return atoms_.load(std::memory_order_relaxed); }
    /// False: one more would be too many.
    bool add_atom() {
        const size_t limit = atom_limit_.load(std::memory_order_relaxed);
        if ((limit != 0 && atoms() >= limit) || (above_ != nullptr && !above_->add_atom())) {
            note_refusal(kRefusedAtoms);
            return false;
        }
        atoms_.fetch_add(1, std::memory_order_relaxed);
        return true;
    }

    // ---- what has been refused, as bits that somebody asks for now and then
    enum Refusal : uint32_t { kRefusedMemory = 1u << 1, kRefusedBinaries = 1u << 2, kRefusedAtoms = 1u << 6 };
    void note_refusal(Refusal what) { refusals_.fetch_or(what, std::memory_order_relaxed); }
    bool has_refused() const { return refusals_.load(std::memory_order_relaxed) != 0; }
    uint32_t take_refusals() { return refusals_.exchange(0, std::memory_order_relaxed); }

    /// For binaries that threads make while they count for this; nullptr: nothing special.
    const BinaryKeeper* binary_keeper = nullptr;

    // ---- who is told of what ends the program; nullptr: nobody
    void set_fatal(const FatalHandler& handler) { fatal_ = handler; }
    const FatalHandler* fatal() const {
        if (fatal_.tell != nullptr) return &fatal_;
        return above_ != nullptr ? above_->fatal() : nullptr;
    }

private:
    ptrdiff_t limit() const { return limit_.load(std::memory_order_relaxed); }
    static size_t read(const std::atomic<ptrdiff_t>& count) {
        const ptrdiff_t n = count.load(std::memory_order_acquire);
        return n > 0 ? static_cast<size_t>(n) : 0;
    }

    std::atomic<ptrdiff_t> limit_;
    MemoryAccount* const above_;
    FatalHandler fatal_;
    std::atomic<ptrdiff_t> bytes_{0};
    std::atomic<ptrdiff_t> binary_bytes_{0};
    std::atomic<size_t> binary_limit_{0};
    std::atomic<size_t> atoms_{0}, atom_limit_{0};
    std::atomic<uint32_t> refusals_{0};
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
/// Whether that may be so.
bool may_have_binary(size_t bytes);
/// Whether there may be one atom more; it is counted. For term/atom.cpp.
bool account_atom();
/// Who counts what the calling thread allocates; nullptr: nobody.
MemoryAccount* thread_account();
/// Whether there is a limit for what the calling thread allocates; whether `bytes` more are within it.
bool is_limited_here();
bool may_allocate(size_t bytes);
/// `bytes` that were counted for `from` are so for `to` from now on; either may be nullptr: nobody.
void transfer_memory(MemoryAccount* from, MemoryAccount* to, size_t bytes);
/// The account of this thread is told what has not been told yet.
void settle_account();

}  // namespace lintel
