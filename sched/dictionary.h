#pragma once
/// The process dictionary: a hash table of terms of its process's heap, in order of insertion. Owner only.
///
/// Entries lie in one array, keys and values by turns, so that the collector sees one root span; an index of positions by hash is
/// added when there are more than a few.

#include "gc/collector.h"

namespace lintel {

class Dictionary {
public:
    Dictionary() = default;
    Dictionary(const Dictionary&) = delete;
    Dictionary& operator=(const Dictionary&) = delete;
    ~Dictionary() { clear(); }

    size_t size() const { return count_; }
    /// The value, or the non-value.
    Term get(Term key) const;
    /// Puts; returns the value before, or the non-value.
    Term put(Term key, Term value);
    /// Removes; returns the value before, or the non-value.
    Term erase(Term key);
    void clear();
    RootSpan roots() { return {reinterpret_cast<Term*>(pairs_), 2 * used_}; }
    size_t bytes() const { return capacity_ * sizeof(Pair) + index_slots_ * sizeof(uint32_t); }

    /// Calls f(Term key, Term value) in order of insertion.
    template <typename F>
    void for_each(F f) const {
        for (size_t i = 0; i < used_; ++i) {
            if (pairs_[i].key.is_value()) f(pairs_[i].key, pairs_[i].value);
        }
    }
    /// The order of get/0, which process_info/2 has too.
    template <typename F>
    void for_each_latest_first(F f) const {
        for (size_t i = used_; i-- > 0;) {
            if (pairs_[i].key.is_value()) f(pairs_[i].key, pairs_[i].value);
        }
    }

private:
    struct Pair {
        Term key;  ///< non-value: erased
        Term value;
    };
    static constexpr uint32_t kFree = 0xffffffff;

    size_t locate(Term key) const;  ///< position in pairs_, or used_
    void make_room();
    void rebuild_index();

    Pair* pairs_ = nullptr;
    uint32_t* index_ = nullptr;  ///< open addressing; positions in pairs_
    uint32_t used_ = 0;          ///< pairs in use, erased ones included
    uint32_t count_ = 0;
    uint32_t capacity_ = 0;
    uint32_t index_slots_ = 0;
};

}  // namespace lintel
