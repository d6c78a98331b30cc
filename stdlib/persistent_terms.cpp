/// An open-addressing table that readers walk without a lock.
///
/// A slot goes from free to an entry, from entry to entry (put with another value), and at last to erased; it never belongs
/// to two keys. So a reader that has found a slot by hash and key may trust it, whatever writers do meanwhile. Writers hold the
/// mutex. When half of the slots are taken a new table is filled and published; readers finish in the old one, which is
/// kept: sizes double, so all old ones together are no larger than the newest, unless programs erase and put ever new keys.
///
/// An entry is a {Key, Value} tuple in a literal area of its own, complete before its word is stored with release order.

#include "stdlib/persistent_terms.h"

#include "gc/copy.h"
#include "term/compare.h"
#include "term/hash.h"
#include "term/views.h"

namespace lintel {

namespace {

constexpr size_t kFirstSlots = 64;

}  // namespace

PersistentTerms::PersistentTerms(LiteralSpace& literals) : literals_(literals), table_(new Table(kFirstSlots)) {
    tables_.push_back(table_.load());
}

PersistentTerms::~PersistentTerms() {
    for (Table* t : tables_) delete t;
    for (LiteralArea* a : areas_) literals_.destroy(a);
}

/// The slot of `key`, else the free slot where it would go; *found is what it held when it was looked at.
PersistentTerms::Slot* PersistentTerms::find(const Table& table, Term key, Word hash, Word* found) {
    for (size_t i = hash & table.mask;; i = (i + 1) & table.mask) {
        const Slot& s = table.slots[i];
        const Word entry = s.entry.load(std::memory_order_acquire);
        if (entry != 0) {
            if (entry == kErased || s.hash != hash) continue;
            if (!exactly_equal(TupleView(Term(entry).boxed_words())[0], key)) continue;
        }
        *found = entry;
        return const_cast<Slot*>(&s);
    }
}

Term PersistentTerms::get(Term key) const {
    Word entry = 0;
    find(*table_.load(std::memory_order_acquire), key, internal_hash(key), &entry);
    return entry == 0 ? Term::none() : TupleView(Term(entry).boxed_words())[1];
}

bool PersistentTerms::put(Term key, Term value, size_t* copied) {
    const Word hash = internal_hash(key);
    const std::lock_guard lock(mutex_);
    Word before = 0;
    Slot* s = find(*table_.load(std::memory_order_relaxed), key, hash, &before);
    if (before != 0 && exactly_equal(TupleView(Term(before).boxed_words())[1], value)) return true;

    // Nothing is shared, not even with literals: their module may be purged.
    const size_t words = tuple_words(2) + flat_size(key, nullptr) + flat_size(value, nullptr);
    LiteralArea* area = literals_.create(words);
    if (area == nullptr) return false;
    areas_.push_back(area);
    Word entry = 0;
    {
        HeapBuilder heap(&area->top, words, &area->off_heap);
        const Term k = copy_term(key, heap, nullptr);
        const Term v = copy_term(value, heap, nullptr);
        entry = heap.tuple(k, v).word();
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
    if (used_slots_ * 2 > table_.load(std::memory_order_relaxed)->slots.size()) grow_locked();
    return true;
}

void PersistentTerms::erase_slot_locked(Slot& slot) {
    const TupleView entry(Term(slot.entry.load(std::memory_order_relaxed)).boxed_words());
    words_ -= tuple_words(2) + flat_size(entry[0], nullptr) + flat_size(entry[1], nullptr);
    --count_;
    slot.entry.store(kErased, std::memory_order_release);
}

bool PersistentTerms::erase(Term key) {
    const std::lock_guard lock(mutex_);
    Word entry = 0;
    Slot* s = find(*table_.load(std::memory_order_relaxed), key, internal_hash(key), &entry);
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
    const Table& old = *table_.load(std::memory_order_relaxed);
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
        table->slots[i].entry.store(entry, std::memory_order_relaxed);
        ++used_slots_;
    }
    tables_.push_back(table);
    table_.store(table, std::memory_order_release);
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
