#pragma once
/// The characters of a list, for BIFs that read text from lists.

#include <string_view>

#include "stdlib/bif.h"
#include "vm/scratch.h"

namespace lintel {

/// A byte as an element of a list, or -1.
inline int list_byte(Term t) {
    return t.is_small() && t.to_small() >= 0 && t.to_small() <= 255 ? static_cast<int>(t.to_small()) : -1;
}

class ListText {
public:
    /// The first `count` elements of `list`, all of them bytes. Empty (false) if there is no memory for them.
    ListText(Term list, size_t count) : chars_(count), size_(count) {
        if (!chars_) return;
        for (size_t i = 0; i < count; ++i, list = list.tail()) chars_[i] = static_cast<char>(list.head().to_small());
    }
    explicit operator bool() const { return static_cast<bool>(chars_); }
    char* data() { return chars_.data(); }
    std::string_view text() { return {chars_.data(), size_}; }

    /// How many bytes `list` has, or -1 if it is no proper list of bytes.
    static int64_t byte_count(Term list) {
        int64_t n = 0;
        for (; list.is_cons(); list = list.tail(), ++n) {
            if (list_byte(list.head()) < 0) return -1;
        }
        return list.is_nil() ? n : -1;
    }

private:
    ScratchArray<char, 128> chars_;
    size_t size_;
};

/// What reading so many characters costs.
inline void charge_characters(ExecState& p, size_t count) {
    if (count >= 64) p.charge(count / 64);
}

}  // namespace lintel
