#include "base/memory_account.h"

#include <cstdint>

namespace lintel {

namespace {

constexpr ptrdiff_t kBatch = 64 << 10;

/// What the thread has not told its account yet.
struct ThreadMemory {
    MemoryAccount* account = nullptr;
    ptrdiff_t untold = 0;
    unsigned beyond_limit = 0;
    bool overdrawn = false;
    bool is_full = false;  ///< the last request that was checked was one too many: the next is checked too

    void tell() {
        account->add(untold);
        untold = 0;
    }
};

thread_local ThreadMemory current;

}  // namespace

MemoryScope::MemoryScope(MemoryAccount& account) : before_(current.account) {
    if (before_ != nullptr) current.tell();
    current.account = account.is_limited() ? &account : nullptr;
}

MemoryScope::~MemoryScope() {
    if (current.account != nullptr) current.tell();
    current.account = before_;
}

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

}  // namespace lintel
