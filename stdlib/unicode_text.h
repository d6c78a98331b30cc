#pragma once
/// UTF-8 in bulk, with Erlang's idea of what is incomplete.

#include "term/utf8.h"
#include "vm/bit_access.h"

namespace lintel {

/// Bytes of the sequence that `lead` begins; 0 if none begins so. More bytes than that decide whether it is valid.
constexpr size_t utf8_sequence_bytes(uint8_t lead) {
    return lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 0;
}

/// Bytes from `p` on that are ASCII, at most `size`.
inline size_t ascii_run(const uint8_t* p, size_t size) {
    constexpr uint64_t kHigh = 0x8080808080808080;
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        const uint64_t high = load_big_endian<uint64_t>(p + i) & kHigh;
        if (high != 0) return i + static_cast<size_t>(std::countl_zero(high)) / 8;
    }
    while (i < size && p[i] < 0x80) ++i;
    return i;
}

/// How far a run of UTF-8 is right, and why it ends there.
struct Utf8Run {
    size_t valid;          ///< bytes
    Utf8Step::Status end;  ///< ok: all of it; truncated: the bytes left are fewer than their first one announces
};
inline Utf8Run check_utf8(const uint8_t* p, size_t size) {
    size_t i = 0;
    for (;;) {
        i += ascii_run(p + i, size - i);
        // Text that is not ASCII mostly goes on so for a while.
        while (i < size && p[i] >= 0x80) {
            const size_t need = utf8_sequence_bytes(p[i]);
            if (need == 0) return {i, Utf8Step::Status::invalid};
            if (need > size - i) return {i, Utf8Step::Status::truncated};
            if (decode_utf8(p + i, need).status != Utf8Step::Status::ok) return {i, Utf8Step::Status::invalid};
            i += need;
        }
        if (i >= size) return {size, Utf8Step::Status::ok};
    }
}

}  // namespace lintel
