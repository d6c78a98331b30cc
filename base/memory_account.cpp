#include "base/memory_account.h"

#include <cstdint>

namespace lintel {

namespace {

constexpr ptrdiff_t kBatch = 64 << 10;

/// What the thread has not told its account yet.
struct ThreadMemory {
    MemoryAccount* owner = nullptr;
    MemoryAccount* account = nullptr;  ///< owner, if that counts
    ptrdiff_t untold = 0;
    ptrdiff_t untold_binaries = 0;
    unsigned beyond_limit = 0;
    bool overdrawn = false;
    bool is_full = false;  ///< the last request that was checked was one too many: the next is checked too

    void tell() {
        account->add(untold);
        untold = 0;
    }
    void settle() {
        if (account != nullptr) tell();
        if (owner != nullptr) owner->add_binaries(untold_binaries);
        untold_binaries = 0;
    }
    void count_for(MemoryAccount* next) {
        settle();
        owner = next;
        account = next != nullptr && next->is_counting() ? next : nullptr;
    }
};

thread_local ThreadMemory current;

}  // namespace

MemoryScope::MemoryScope(MemoryAccount& account) : before_(current.owner) { current.count_for(&account); }
MemoryScope::MemoryScope() : before_(current.owner) { current.count_for(nullptr); }
MemoryScope::~MemoryScope() { current.count_for(before_); }

MemoryReserve::MemoryReserve() { ++current.beyond_limit; }
MemoryReserve::~MemoryReserve() { --current.beyond_limit; }

bool take_overdraft() {
    const bool overdrawn = current.overdrawn;
    current.overdrawn = false;
    return overdrawn;
}

bool is_accounted() { return current.account != nullptr; }

bool account_allocation(size_t bytes) {
    ThreadMemory& t = current;
    if (t.account == nullptr) return true;
    if (bytes > static_cast<size_t>(PTRDIFF_MAX) / 2) return false;
    // Small requests have some room that large ones have not: it is the process that fills the memory that is to go.
    const bool small = bytes <= static_cast<size_t>(kBatch);
    if (t.is_full || !small || t.untold > kBatch) {
        t.tell();
        t.is_full = !t.account->has_room(bytes, small);
        if (t.is_full) t.account->note_refusal(MemoryAccount::kRefusedMemory);
        if (t.is_full && t.beyond_limit == 0) return false;
        t.overdrawn |= t.is_full;
    }
    t.untold += static_cast<ptrdiff_t>(bytes);
    return true;
}

void account_correction(size_t counted, size_t used) {
    if (current.account != nullptr) current.untold += static_cast<ptrdiff_t>(used) - static_cast<ptrdiff_t>(counted);
}

void account_release(size_t bytes) {
    ThreadMemory& t = current;
    if (t.account == nullptr) return;
    t.untold -= static_cast<ptrdiff_t>(bytes);
    if (t.untold < -kBatch) t.tell();
}

void account_binary(ptrdiff_t bytes) {
    ThreadMemory& t = current;
    t.untold_binaries += bytes;
    if (t.untold_binaries > kBatch || t.untold_binaries < -kBatch) t.settle();
}

bool may_have_binary(size_t bytes) {
    const ThreadMemory& t = current;
    if (t.owner == nullptr || t.owner->has_room_for_binary(bytes)) return true;
    t.owner->note_refusal(MemoryAccount::kRefusedBinaries);
    return false;
}

bool account_atom() { return current.owner == nullptr || current.owner->add_atom(); }

bool is_limited_here() { return current.owner != nullptr && current.owner->is_limited(); }

bool may_allocate(size_t bytes) { return !is_limited_here() || current.owner->has_room(bytes, false); }

MemoryAccount* thread_account() { return current.owner; }

void transfer_memory(MemoryAccount* from, MemoryAccount* to, size_t bytes) {
    const auto n = static_cast<ptrdiff_t>(bytes);
    if (from != nullptr && from->is_counting()) from->add(-n);
    if (to != nullptr && to->is_counting()) to->add(n);
}

void settle_account() { current.settle(); }

}  // namespace lintel
