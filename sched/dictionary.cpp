#include "sched/dictionary.h"

#include <cstring>

#include "term/compare.h"
#include "term/hash.h"

namespace lintel {

namespace {
/// Up to so many entries a walk over the keys is faster than an index.
constexpr uint32_t kIndexFrom = 12;
}  // namespace

size_t Dictionary::locate(Term key) const {
    if (index_ == nullptr) {
        for (size_t i = 0; i < used_; ++i) {
            if (pairs_[i].key.is_value() && exactly_equal(pairs_[i].key, key)) return i;
        }
        return used_;
    }
    for (size_t i = table_hash(key) & (index_slots_ - 1);; i = (i + 1) & (index_slots_ - 1)) {
        const uint32_t at = index_[i];
        if (at == kFree) return used_;
        if (pairs_[at].key.is_value() && exactly_equal(pairs_[at].key, key)) return at;
    }
}

Term Dictionary::get(Term key) const {
    const size_t i = locate(key);
    return i == used_ ? Term::none() : pairs_[i].value;
}

void Dictionary::rebuild_index() {
    release(index_);
    index_ = nullptr;
    index_slots_ = 0;
    if (used_ < kIndexFrom) return;
    uint32_t slots = 32;
    while (slots < capacity_ * 2) slots *= 2;
    index_slots_ = slots;
    index_ = static_cast<uint32_t*>(allocate(slots * sizeof(uint32_t)));
    std::memset(index_, 0xff, slots * sizeof(uint32_t));
    for (uint32_t at = 0; at < used_; ++at) {
        size_t i = table_hash(pairs_[at].key) & (slots - 1);
        while (index_[i] != kFree) i = (i + 1) & (slots - 1);
        index_[i] = at;
    }
}

void Dictionary::make_room() {
    if (used_ < capacity_) return;
    // Many erased: close the gaps; otherwise grow.
    const uint32_t capacity =
        count_ * 4 > capacity_ * 3 || capacity_ == 0 ? (capacity_ == 0 ? 4 : capacity_ * 2) : capacity_;
    auto* pairs = static_cast<Pair*>(allocate(capacity * sizeof(Pair)));
    uint32_t used = 0;
    for (uint32_t i = 0; i < used_; ++i) {
        if (pairs_[i].key.is_value()) pairs[used++] = pairs_[i];
    }
    release(pairs_);
    pairs_ = pairs;
    used_ = used;
    capacity_ = capacity;
    rebuild_index();
}

Term Dictionary::put(Term key, Term value) {
    const size_t at = locate(key);
    if (at != used_) {
        const Term before = pairs_[at].value;
        pairs_[at].value = value;
        return before;
    }
    make_room();
    const uint32_t position = used_++;
    pairs_[position] = {key, value};
    ++count_;
    if (index_ == nullptr) {
        if (used_ >= kIndexFrom) rebuild_index();
    } else {
        size_t i = table_hash(key) & (index_slots_ - 1);
        while (index_[i] != kFree) i = (i + 1) & (index_slots_ - 1);
        index_[i] = position;
    }
    return Term::none();
}

Term Dictionary::erase(Term key) {
    const size_t at = locate(key);
    if (at == used_) return Term::none();
    const Term before = pairs_[at].value;
    // The index goes on pointing here: an erased pair is passed over.
    pairs_[at] = {Term::none(), Term::none()};
    if (--count_ == 0) clear();
    return before;
}

void Dictionary::clear() {
    release(pairs_);
    release(index_);
    pairs_ = nullptr;
    index_ = nullptr;
    used_ = count_ = capacity_ = index_slots_ = 0;
}

}  // namespace lintel
