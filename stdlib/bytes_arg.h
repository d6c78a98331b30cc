#pragma once
/// BytesArg: the bytes of a binary argument at a byte boundary, copied only if they are not at one already.

#include "base/alloc.h"
#include "term/bits.h"

namespace lintel {

class BytesArg {
public:
    /// Empty (false) if `t` is no binary, or when there is no memory for a copy.
    explicit BytesArg(Term t) { set(as_binary(t)); }
    /// The bytes of `v`, a whole number of them.
    explicit BytesArg(BitsView v) { set(v); }
    ~BytesArg() { release(copy_); }
    BytesArg(const BytesArg&) = delete;
    BytesArg& operator=(const BytesArg&) = delete;

    explicit operator bool() const { return data_ != nullptr; }
    const uint8_t* data() const { return data_; }
    size_t size() const { return size_; }

private:
    void set(BitsView v) {
        if (!v) return;
        size_ = v.size / 8;
        if (v.is_aligned()) {
            data_ = v.bytes();
            return;
        }
        copy_ = static_cast<uint8_t*>(try_allocate(size_ + 1));
        if (copy_ != nullptr) data_ = aligned_bytes(v, copy_);
    }

    const uint8_t* data_ = nullptr;
    size_t size_ = 0;
    uint8_t* copy_ = nullptr;
};

}  // namespace lintel
