#pragma once
/// Reader of the compact term encoding: how the code chunk, the line chunk and (since OTP 28) the atom chunk write
/// numbers.
///
/// The low three bits of the first byte are a tag, the others say how the value follows:
///
///     vvvv 0 ttt                     value 0 to 15
///     vvv 01 ttt  vvvvvvvv           value 0 to 2047
///     nnn 11 ttt  bytes              n = 0 to 6: n + 2 bytes of two's complement, most significant first
///     111 11 ttt  length  bytes      length: a compact term with tag u; length + 9 bytes
///
/// Tag 7 (z) announces something longer; its value says what: 0 float (8 bytes, until OTP 20), 1 list, 2 float
/// register, 3 alloc list, 4 literal, 5 typed register. What follows is compact terms again.

#include <cstdint>
#include <span>

#include "base/assert.h"

namespace lintel {

enum class CompactTag : uint8_t { u = 0, i = 1, a = 2, x = 3, y = 4, f = 5, h = 6, z = 7 };

enum class CompactExtended : uint8_t {
    real = 0,
    list = 1,
    float_register = 2,
    alloc = 3,
    literal = 4,
    typed_register = 5
};

struct CompactTerm {
    CompactTag tag;
    bool big;       ///< beyond 64 bits: see bytes
    int64_t value;  ///< if not big
    std::span<const uint8_t>
        bytes;  ///< of a value that took bytes of its own: two's complement, most significant first
};

class CompactReader {
public:
    CompactReader() = default;
    explicit CompactReader(std::span<const uint8_t> bytes)
        : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    bool at_end() const { return at_ == end_; }
    size_t offset() const { return static_cast<size_t>(at_ - begin_); }
    size_t left() const { return static_cast<size_t>(end_ - at_); }
    /// One byte as it is. Not at the end.
    uint8_t byte() { return *at_++; }
    /// The byte `i` places ahead, which must be there.
    uint8_t peek(size_t i) const { return at_[i]; }
    void skip(size_t n) { at_ += n; }
    /// `n` bytes as they are, which must be there.
    std::span<const uint8_t> take(size_t n) {
        LINTEL_ASSERT(n <= left());
        const uint8_t* p = at_;
        at_ += n;
        return {p, n};
    }

    /// The next term. False: the bytes end within it.
    bool read(CompactTerm& t) {
        if (LINTEL_UNLIKELY(at_ == end_)) return false;
        const uint8_t first = *at_++;
        t.tag = static_cast<CompactTag>(first & 7);
        t.big = false;
        if (LINTEL_LIKELY((first & 8) == 0)) {
            t.value = first >> 4;
            return true;
        }
        if ((first & 16) == 0) {
            if (at_ == end_) return false;
            t.value = (first & 0xe0) << 3 | *at_++;
            return true;
        }
        return read_long(first, t);
    }

private:
    bool read_long(uint8_t first, CompactTerm& t) {
        size_t size = (first >> 5) + size_t{2};
        if (size == 9) {
            CompactTerm length;
            // The length of a length is a short form in every file that fits into memory.
            if (at_ == end_ || (*at_ & 0x18) == 0x18 || !read(length) || length.tag != CompactTag::u) return false;
            size = static_cast<size_t>(length.value) + 9;
        }
        if (size > left()) return false;
        t.bytes = take(size);
        if (size > 8) {
            t.big = true;
            t.value = 0;
            return true;
        }
        uint64_t v = (t.bytes[0] & 0x80) != 0 ? ~uint64_t{0} : 0;
        for (const uint8_t b : t.bytes) v = v << 8 | b;
        t.value = static_cast<int64_t>(v);
        return true;
    }

    const uint8_t* begin_ = nullptr;
    const uint8_t* at_ = nullptr;
    const uint8_t* end_ = nullptr;
};

}  // namespace lintel
