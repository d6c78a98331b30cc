#pragma once
/// WordMap: a small open-addressing hash table from a non-zero word (pid, reference number) to a trivially copyable value.
/// For links, monitors, aliases, timers. One thread at a time.

#include <cstring>
#include <type_traits>

#include "base/alloc.h"
#include "base/assert.h"

namespace lintel {

template <typename V>
class WordMap {
    static_assert(std::is_trivially_copyable_v<V>);

public:
    struct Entry {
        Word key;  ///< 0: free
        V value;
    };

    WordMap() = default;
    WordMap(const WordMap&) = delete;
    WordMap& operator=(const WordMap&) = delete;
    ~WordMap() { release(slots_); }

    size_t size() const { return count_; }
    bool empty() const { return count_ == 0; }

    V* find(Word key) {
        if (count_ == 0) return nullptr;
        for (size_t i = home(key);; i = (i + 1) & mask_) {
            if (slots_[i].key == key) return &slots_[i].value;
            if (slots_[i].key == 0) return nullptr;
        }
    }
    /// The value of `key`, made (all zero) if it is new. Valid until the next insertion or removal.
    V& insert(Word key) {
        LINTEL_ASSERT(key != 0);
        if (slots_ == nullptr || (count_ + 1) * 4 > (mask_ + 1) * 3) resize(slots_ == nullptr ? 4 : (mask_ + 1) * 2);
        size_t i = home(key);
        for (; slots_[i].key != 0; i = (i + 1) & mask_) {
            if (slots_[i].key == key) return slots_[i].value;
        }
        ++count_;
        slots_[i].key = key;
        std::memset(static_cast<void*>(&slots_[i].value), 0, sizeof(V));
        return slots_[i].value;
    }
    /// False if there was no such key.
    bool erase(Word key) {
        if (count_ == 0) return false;
        size_t i = home(key);
        for (; slots_[i].key != key; i = (i + 1) & mask_) {
            if (slots_[i].key == 0) return false;
        }
        // Closes the gap: moves back every entry of the run that may stand here.
        for (size_t j = (i + 1) & mask_; slots_[j].key != 0; j = (j + 1) & mask_) {
            const size_t h = home(slots_[j].key);
            if (((j - h) & mask_) >= ((j - i) & mask_)) {
                slots_[i] = slots_[j];
                i = j;
            }
        }
        slots_[i].key = 0;
        if (--count_ == 0) clear();
        return true;
    }
    void clear() {
        release(slots_);
        slots_ = nullptr;
        mask_ = count_ = 0;
    }
    size_t bytes() const { return slots_ == nullptr ? 0 : (mask_ + 1) * sizeof(Entry); }

    /// Calls f(Word key, V& value) for each entry; f must not change the table.
    template <typename F>
    void for_each(F f) {
        for (size_t i = 0; slots_ != nullptr && i <= mask_; ++i) {
            if (slots_[i].key != 0) f(slots_[i].key, slots_[i].value);
        }
    }

private:
    size_t home(Word key) const { return static_cast<size_t>((key * 0x9e3779b97f4a7c15ull) >> 32) & mask_; }
    void resize(size_t slots) {
        Entry* old = slots_;
        const size_t old_slots = old == nullptr ? 0 : mask_ + 1;
        slots_ = static_cast<Entry*>(allocate(slots * sizeof(Entry)));
        std::memset(static_cast<void*>(slots_), 0, slots * sizeof(Entry));
        mask_ = slots - 1;
        for (size_t k = 0; k < old_slots; ++k) {
            if (old[k].key == 0) continue;
            size_t i = home(old[k].key);
            while (slots_[i].key != 0) i = (i + 1) & mask_;
            slots_[i] = old[k];
        }
        release(old);
    }

    Entry* slots_ = nullptr;
    size_t mask_ = 0;
    size_t count_ = 0;
};

}  // namespace lintel
