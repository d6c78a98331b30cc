#pragma once
/// The persistent terms of one VM: a table from keys to values that are read without copying or locking.
/// stdlib/persistent_terms.cpp tells how.

#include <atomic>
#include <mutex>
#include <vector>

#include "gc/literal_space.h"
#include "term/term.h"

namespace lintel {

/// Known limitation: what put replaces and erase removes stays allocated until the VM ends, since nobody knows which processes
/// still refer to it. To be lifted together with the collection of literals.
class PersistentTerms {
public:
    explicit PersistentTerms(LiteralSpace& literals);
    ~PersistentTerms();
    PersistentTerms(const PersistentTerms&) = delete;
    PersistentTerms& operator=(const PersistentTerms&) = delete;

    /// The value of `key` (by =:=), or the non-value. Lives as long as the VM. Any thread, no lock.
    Term get(Term key) const;
    /// Copies key and value; adds the words copied to *copied. False: the literal space is full.
    bool put(Term key, Term value, size_t* copied);
    /// False if there was none.
    bool erase(Term key);
    void erase_all();
    /// All entries, as {Key, Value} tuples that live as long as the VM.
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
    };
    struct Table {
        explicit Table(size_t slot_count) : mask(slot_count - 1), slots(slot_count) {}
        size_t mask;
        std::vector<Slot> slots;
    };
    static constexpr Word kErased = 8;  // no term: a header

    static Slot* find(const Table& table, Term key, Word hash, Word* found);
    void erase_slot_locked(Slot& slot);
    void grow_locked();

    LiteralSpace& literals_;
    std::atomic<Table*> table_;
    mutable std::mutex mutex_;          // of writers
    std::vector<Table*> tables_;        // all that there were; readers may still be in an old one
    std::vector<LiteralArea*> areas_;   // all that were ever made
    size_t used_slots_ = 0;             // of the newest table, erased ones included
    size_t count_ = 0;
    size_t words_ = 0;
};

}  // namespace lintel
