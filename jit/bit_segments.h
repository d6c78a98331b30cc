#pragma once
/// Bit strings that are made of segments whose sizes the code says. Private to jit/.

#include "jit/operands.h"

namespace lintel::jit {

struct BitSegment {
    enum class Kind : uint8_t {
        integer,   ///< of a small integer, in the source `value`
        float_64,  ///< of a float
        constant,  ///< `value` itself, which has no other bits
    } kind = Kind::constant;
    bool is_little = false;  ///< integer of whole bytes, or float
    unsigned bits = 0;       ///< 64 at most; 0: the value must be an integer all the same
    Word value = 0;
};

struct BitSegments {
    static constexpr size_t kMost = 24;
    size_t count = 0;  ///< 0: they are others
    bool is_append = false, is_private = false;
    bool is_utf8 = false;  ///< one code point, in the source segments[0].value, is all that is appended
    Word old = 0;          ///< source of what is appended to
    unsigned unit = 0;     ///< of what it must be whole units
    unsigned bits = 0;     ///< of all segments
    BitSegment segments[kMost];
};

/// The segments of a new binary of at most kMaxHeapBinaryBytes, or of so many bits at most that are appended.
BitSegments known_segments(const ops::bs_create_bin& op);

/// One append of so many bits to what consists of whole units, which machine code can do by itself.
inline bool is_inline_append(unsigned unit, unsigned bits) {
    return (unit == 1 || unit == 8) && (bits == 8 || bits == 16 || bits == 32 || bits == 64);
}

}  // namespace lintel::jit
