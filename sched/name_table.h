#pragma once
/// NameTable: registered names. Lookup takes no lock; changes do.
///
/// Open addressing over pairs of atomics. A name stays in the table for good once it was used (its value becomes none), so a
/// probe needs no care; there are at most as many as atoms. A table that has been outgrown is kept until the end: readers may
/// still be in it, and all of them together are smaller than the current one.

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "base/spin_mutex.h"
#include "term/atom.h"

namespace lintel {

class NameTable {
public:
    NameTable() { tables_.push_back(std::make_unique<Table>(64)), current_ = tables_.back().get(); }

    /// The pid or port of `name`, or the non-value. Any thread.
    Term find(Term name) const {
        const Table* t = current_.load(std::memory_order_acquire);
        for (size_t i = home(name, t->mask);; i = (i + 1) & t->mask) {
            const Word key = t->slots[i].key.load(std::memory_order_acquire);
            if (key == name.word()) return Term(t->slots[i].value.load(std::memory_order_seq_cst));
            if (key == 0) return Term::none();
        }
    }

    /// Held for any change, and while a process's own `name` is changed with it.
    SpinMutex& mutex() { return mutex_; }

    /// Sets (or, with the non-value, removes) what `name` stands for. Under the mutex.
    void set_locked(Term name, Term value) {
        Table* t = current_.load(std::memory_order_relaxed);
        if ((t->used + 1) * 2 > t->mask + 1) t = grow();
        const Word before = put(*t, name, value);
        if (before == 0 && value.is_value()) ++count_;
        if (before != 0 && value.is_none()) --count_;
    }
    /// Under the mutex.
    size_t count_locked() const { return count_; }
    /// Calls f(Term name, Term value). Under the mutex.
    template <typename F>
    void for_each_locked(F f) const {
        const Table* t = current_.load(std::memory_order_relaxed);
        for (size_t i = 0; i <= t->mask; ++i) {
            const Word value = t->slots[i].value.load(std::memory_order_relaxed);
            if (value != 0) f(Term(t->slots[i].key.load(std::memory_order_relaxed)), Term(value));
        }
    }

private:
    struct Slot {
        std::atomic<Word> key{0}, value{0};
    };
    struct Table {
        explicit Table(size_t n) : slots(new Slot[n]), mask(n - 1) {}
        std::unique_ptr<Slot[]> slots;
        size_t mask;
        size_t used = 0;
    };
    static size_t home(Term name, size_t mask) {
        return static_cast<size_t>((name.word() * 0x9e3779b97f4a7c15ull) >> 32) & mask;
    }
    /// Returns the word before.
    static Word put(Table& t, Term name, Term value) {
        size_t i = home(name, t.mask);
        for (;; i = (i + 1) & t.mask) {
            const Word key = t.slots[i].key.load(std::memory_order_relaxed);
            if (key == name.word()) return t.slots[i].value.exchange(value.word(), std::memory_order_seq_cst);
            if (key == 0) break;
        }
        ++t.used;
        t.slots[i].value.store(value.word(), std::memory_order_relaxed);
        t.slots[i].key.store(name.word(), std::memory_order_release);
        return 0;
    }
    Table* grow() {
        const Table* old = current_.load(std::memory_order_relaxed);
        tables_.push_back(std::make_unique<Table>((old->mask + 1) * 2));
        Table* t = tables_.back().get();
        for (size_t i = 0; i <= old->mask; ++i) {
            const Word value = old->slots[i].value.load(std::memory_order_relaxed);
            if (value != 0) put(*t, Term(old->slots[i].key.load(std::memory_order_relaxed)), Term(value));
        }
        current_.store(t, std::memory_order_release);
        return t;
    }

    std::atomic<Table*> current_{nullptr};
    std::vector<std::unique_ptr<Table>> tables_;
    SpinMutex mutex_;
    size_t count_ = 0;
};

}  // namespace lintel
