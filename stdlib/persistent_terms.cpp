/// An open-addressing table that readers walk without a lock.
///
/// A slot goes from free to an entry, from entry to entry (put with another value), and at last to erased; it never belongs
/// to two keys. So a reader that has found a slot by hash and key may trust it, whatever writers do meanwhile. Writers hold the
/// mutex. When half of the slots are taken a new table is filled and published; readers finish in the old one, which is
/// freed when each of them has come to the end of its slice (sched/epoch.h).
///
/// An entry is a {Key, Value} tuple in a literal area of its own, complete before its word is stored with release order. When
/// it is replaced or erased, processes may go on using key and value: the area goes to the collector of literals
/// (stdlib/literal_collector.cpp). With key and value that are no pointers there is nothing to use: then it is freed as tables are.

#include "stdlib/persistent_terms.h"

#include "gc/copy.h"
#include "stdlib/literal_collector.h"
#include "term/compare.h"
#include "term/hash.h"
#include "term/views.h"

namespace lintel {

namespace {

constexpr size_t kFirstSlots = 64;

}  // namespace

PersistentTerms::PersistentTerms(LiteralSpace& literals, LiteralCollector& collector, EpochDomain& epochs)
    : literals_(literals), collector_(collector), epochs_(epochs), table_(new Table(kFirstSlots)) {}

PersistentTerms::~PersistentTerms() {
    Table* table = table_.load();
    for (const Slot& s : table->slots) {
        if (s.area != nullptr) literals_.destroy(s.area);
    }
    delete table;
    for (const Retired& r : retired_) {
        delete r.table;
        literals_.destroy(r.area);
    }
}

void PersistentTerms::reclaim_locked() {
    if (retired_.empty()) return;
    const uint64_t safe = epochs_.safe_before();
    size_t n = 0;
    for (; n < retired_.size() && retired_[n].stamp < safe; ++n) {
        delete retired_[n].table;
        literals_.destroy(retired_[n].area);
    }
    retired_.erase(retired_.begin(), retired_.begin() + static_cast<ptrdiff_t>(n));
}

/// The entry of `slot`, whose word holds something else by now.
void PersistentTerms::drop_entry_locked(Slot& slot) {
    const TupleView entry(slot.area->begin);
    if (entry[0].is_immediate() && entry[1].is_immediate()) {
        retired_.push_back({nullptr, slot.area, epochs_.stamp()});
    } else {
        collector_.add(slot.area);
    }
    slot.area = nullptr;
}

/// The slot of `key`, else the free slot where it would go; *found is what it held when it was looked at.
PersistentTerms::Slot* PersistentTerms::find(const Table& table, Term key, Word hash, Word* found) {
    for (size_t i = hash & table.mask;; i = (i + 1) & table.mask) {
        const Slot& s = table.slots[i];
        const Word entry = s.entry.load(std::memory_order_acquire);
        if (entry != 0) {
            if (entry == kErased || s.hash != hash) continue;
            if (!exactly_equal(TupleView(Term(entry).boxed_words())[0], key, Walks::whole)) continue;
        }
        *found = entry;
        return const_cast<Slot*>(&s);
    }
}

Term PersistentTerms::get(Term key) const {
    Word entry = 0;
    find(*table_.load(std::memory_order_acquire), key, table_hash(key), &entry);
    return entry == 0 ? Term::none() : TupleView(Term(entry).boxed_words())[1];
}

bool PersistentTerms::put(Term key, Term value, size_t* copied) {
    const Word hash = table_hash(key);
    const std::lock_guard lock(mutex_);
    reclaim_locked();
    Word before = 0;
    Slot* s = find(*table_.load(std::memory_order_relaxed), key, hash, &before);
    if (before != 0 && exactly_equal(TupleView(Term(before).boxed_words())[1], value, Walks::whole)) return true;

    // Nothing is shared, not even with literals: their module may be purged.
    const size_t words =
        tuple_words(2) + flat_size(key, nullptr, Walks::endable) + flat_size(value, nullptr, Walks::endable);
    LiteralArea* area = literals_.create(words);
    if (area == nullptr) return false;
    Word entry = 0;
    {
        HeapBuilder heap(&area->top, words, &area->off_heap);
        Word* elements;
        entry = heap.tuple_of(2, &elements).word();
        elements[0] = copy_term(key, heap, nullptr).word();
        elements[1] = copy_term(value, heap, nullptr).word();
    }
    words_ += words;
    *copied += words;
    if (before != 0) {
        words_ -= tuple_words(2) + flat_size(TupleView(Term(before).boxed_words())[0], nullptr) +
                  flat_size(TupleView(Term(before).boxed_words())[1], nullptr);
    } else {
        s->hash = hash;
        ++used_slots_;
        ++count_;
    }
    s->entry.store(entry, std::memory_order_release);
    if (before != 0) drop_entry_locked(*s);
    s->area = area;
    if (used_slots_ * 2 > table_.load(std::memory_order_relaxed)->slots.size()) grow_locked();
    return true;
}

void PersistentTerms::erase_slot_locked(Slot& slot) {
    const TupleView entry(Term(slot.entry.load(std::memory_order_relaxed)).boxed_words());
    words_ -= tuple_words(2) + flat_size(entry[0], nullptr) + flat_size(entry[1], nullptr);
    --count_;
    slot.entry.store(kErased, std::memory_order_release);
    drop_entry_locked(slot);
}

bool PersistentTerms::erase(Term key) {
    const std::lock_guard lock(mutex_);
    Word entry = 0;
    Slot* s = find(*table_.load(std::memory_order_relaxed), key, table_hash(key), &entry);
    if (entry == 0) return false;
    erase_slot_locked(*s);
    return true;
}

void PersistentTerms::erase_all() {
    const std::lock_guard lock(mutex_);
    for (Slot& s : table_.load(std::memory_order_relaxed)->slots) {
        const Word entry = s.entry.load(std::memory_order_relaxed);
        if (entry != 0 && entry != kErased) erase_slot_locked(s);
    }
}

/// Publishes a new table without the erased slots, a quarter full at most.
void PersistentTerms::grow_locked() {
    Table& old = *table_.load(std::memory_order_relaxed);
    size_t slots = kFirstSlots;
    while (slots < count_ * 4) slots *= 2;
    auto* table = new Table(slots);
    used_slots_ = 0;
    for (const Slot& s : old.slots) {
        const Word entry = s.entry.load(std::memory_order_relaxed);
        if (entry == 0 || entry == kErased) continue;
        size_t i = s.hash & table->mask;
        while (table->slots[i].entry.load(std::memory_order_relaxed) != 0) i = (i + 1) & table->mask;
        table->slots[i].hash = s.hash;
        table->slots[i].area = s.area;
        table->slots[i].entry.store(entry, std::memory_order_relaxed);
        ++used_slots_;
    }
    table_.store(table, std::memory_order_release);
    retired_.push_back({&old, nullptr, epochs_.stamp()});
}

std::vector<Term> PersistentTerms::entries() const {
    const std::lock_guard lock(mutex_);
    std::vector<Term> all;
    all.reserve(count_);
    for (const Slot& s : table_.load(std::memory_order_relaxed)->slots) {
        const Word entry = s.entry.load(std::memory_order_relaxed);
        if (entry != 0 && entry != kErased) all.push_back(Term(entry));
    }
    return all;
}

PersistentTerms::Info PersistentTerms::info() const {
    const std::lock_guard lock(mutex_);
    return {count_, words_ * kWordBytes + table_.load(std::memory_order_relaxed)->slots.size() * sizeof(Slot)};
}

}  // namespace lintel
