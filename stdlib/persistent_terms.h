#pragma once
/// The persistent terms of one VM: a table from keys to values that are read without copying or locking.
/// stdlib/persistent_terms.cpp tells how.

#include <atomic>
#include <mutex>
#include <vector>

#include "gc/literal_space.h"
#include "sched/epoch.h"
#include "term/term.h"

namespace lintel {

class LiteralCollector;

/// Readers are schedulers, or hold a ForeignReader of `epochs`.
class PersistentTerms {
public:
    /// `collector` gets what is replaced or erased while processes may refer to it.
    PersistentTerms(LiteralSpace& literals, LiteralCollector& collector, EpochDomain& epochs);
    ~PersistentTerms();
    PersistentTerms(const PersistentTerms&) = delete;
    PersistentTerms& operator=(const PersistentTerms&) = delete;

    /// The value of `key` (by =:=), or the non-value: a literal. Any reader, no lock.
    Term get(Term key) const;
    /// Copies key and value; adds the words copied to *copied. False: the literal space is full.
    bool put(Term key, Term value, size_t* copied);
    /// False if there was none.
    bool erase(Term key);
    void erase_all();
    /// All entries, as {Key, Value} tuples that live until the reader's slice ends, while keys and values are literals.
    std::vector<Term> entries() const;
    struct Info {
        size_t count;
        size_t bytes;  ///< of keys and values in the table, and of the table
    };
    Info info() const;

private:
    /// `entry` is the word of a {Key, Value} tuple, 0 while free, kErased after erase. `hash` is set before `entry` and stays.
    struct Slot {
        std::atomic<Word> entry{0};
        Word hash = 0;
        LiteralArea* area = nullptr;  ///< that holds the entry; for writers
    };
    struct Table {
        explicit Table(size_t slot_count) : mask(slot_count - 1), slots(slot_count) {}
        size_t mask;
        std::vector<Slot> slots;
    };
    static constexpr Word kErased = 8;  // no term: a header

    static Slot* find(const Table& table, Term key, Word hash, Word* found);
    /// Of which readers may have an idea until they come to the end of their slices.
    struct Retired {
        Table* table;
        LiteralArea* area;
        uint64_t stamp;
    };

    void drop_entry_locked(Slot& slot);
    void erase_slot_locked(Slot& slot);
    void grow_locked();
    void reclaim_locked();

    LiteralSpace& literals_;
    LiteralCollector& collector_;
    EpochDomain& epochs_;
    std::atomic<Table*> table_;
    mutable std::mutex mutex_;  // of writers
    std::vector<Retired> retired_;
    size_t used_slots_ = 0;  // of the newest table, erased ones included
    size_t count_ = 0;
    size_t words_ = 0;
};

}  // namespace lintel
