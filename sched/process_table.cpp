/// Pids are counted up; the slot is the count modulo the capacity, so a slot is used again as late as possible, and a pid comes
/// again only after 2^28 others (or 2^28 / capacity uses of its slot).

#include "sched/process_table.h"

#include <sys/mman.h>

#include <bit>

#include "sched/process.h"

namespace lintel {

ProcessTable::ProcessTable(size_t limit) {
    if (limit < kMinLimit) limit = kMinLimit;
    if (limit > kMaxLimit) limit = kMaxLimit;
    capacity_ = std::bit_ceil(limit);
    // Zero pages of the system are committed when written, so a large limit costs address space only.
    void* block = mmap(nullptr, capacity_ * sizeof(Slot), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block == MAP_FAILED) {
        capacity_ = 0;
        return;
    }
    slots_ = static_cast<Slot*>(block);
}

ProcessTable::~ProcessTable() {
    if (capacity_ != 0) munmap(slots_, capacity_ * sizeof(Slot));
}

Term ProcessTable::reserve() {
    if (count_.fetch_add(1, std::memory_order_relaxed) >= capacity_) {
        count_.fetch_sub(1, std::memory_order_relaxed);
        return Term::none();
    }
    // There is a free slot for us, since count_ counts reservations.
    for (;;) {
        const Word data = next_.fetch_add(1, std::memory_order_relaxed) & kPidDataMask;
        Process* expected = nullptr;
        Slot& slot = slot_of(data);
        if (slot.load(std::memory_order_relaxed) != nullptr) continue;
        if (slot.compare_exchange_strong(expected, reserved(), std::memory_order_relaxed)) return Term::local_pid(data);
    }
}

void ProcessTable::publish(Process* process) {
    slot_of(process->self.imm_data()).store(process, std::memory_order_release);
}

void ProcessTable::abandon(Term pid) {
    slot_of(pid.imm_data()).store(nullptr, std::memory_order_release);
    count_.fetch_sub(1, std::memory_order_relaxed);
}

void ProcessTable::remove(Process* process) {
    slot_of(process->self.imm_data()).store(nullptr, std::memory_order_seq_cst);
    count_.fetch_sub(1, std::memory_order_relaxed);
}

Process* ProcessTable::find(Term pid) const {
    LINTEL_ASSERT(pid.is_local_pid());
    Process* p = slot_of(pid.imm_data()).load(std::memory_order_seq_cst);
    return p > reserved() && p->self == pid ? p : nullptr;
}

Process* ProcessTable::next(size_t* slot) const {
    // Not beyond what has ever been used: reading those pages would cost a fault each.
    const Word reserved_so_far = next_.load(std::memory_order_acquire);
    const size_t end = reserved_so_far < capacity_ ? reserved_so_far : capacity_;
    while (*slot < end) {
        Process* p = slots_[(*slot)++].load(std::memory_order_acquire);
        if (p > reserved()) return p;
    }
    return nullptr;
}

}  // namespace lintel
