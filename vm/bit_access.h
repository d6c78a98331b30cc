#pragma once
/// Up to 64 bits at any bit position, most significant bit first: what matching and construction of bit strings are
/// made of. Neither reads nor writes a byte that holds none of the bits named.

#include <bit>
#include <cstring>

#include "base/assert.h"
#include "base/word.h"

namespace lintel {

inline uint64_t to_big_endian(uint64_t v) {
    return std::endian::native == std::endian::little ? __builtin_bswap64(v) : v;
}
inline uint32_t to_big_endian(uint32_t v) {
    return std::endian::native == std::endian::little ? __builtin_bswap32(v) : v;
}
inline uint16_t to_big_endian(uint16_t v) {
    return std::endian::native == std::endian::little ? __builtin_bswap16(v) : v;
}

template <typename T>
T load_big_endian(const uint8_t* p) {
    T v;
    memcpy(&v, p, sizeof v);
    return to_big_endian(v);
}
template <typename T>
void store_big_endian(uint8_t* p, T v) {
    v = to_big_endian(v);
    memcpy(p, &v, sizeof v);
}

/// The `count` bytes (1 to 8) at `p` as a number. Overlapping loads: where they overlap they agree.
inline uint64_t load_bytes(const uint8_t* p, unsigned count) {
    if (count == 8) return load_big_endian<uint64_t>(p);
    if (count >= 4) {
        return (static_cast<uint64_t>(load_big_endian<uint32_t>(p)) << (8 * (count - 4))) |
               load_big_endian<uint32_t>(p + count - 4);
    }
    if (count >= 2) {
        return (static_cast<uint64_t>(load_big_endian<uint16_t>(p)) << (8 * (count - 2))) |
               load_big_endian<uint16_t>(p + count - 2);
    }
    return *p;
}

/// Stores the low `count` bytes (1 to 8) of `v` at `p`.
inline void store_bytes(uint8_t* p, uint64_t v, unsigned count) {
    if (count == 8) return store_big_endian(p, v);
    if (count >= 4) {
        store_big_endian(p, static_cast<uint32_t>(v >> (8 * (count - 4))));
        store_big_endian(p + count - 4, static_cast<uint32_t>(v));
    } else if (count >= 2) {
        store_big_endian(p, static_cast<uint16_t>(v >> (8 * (count - 2))));
        store_big_endian(p + count - 2, static_cast<uint16_t>(v));
    } else {
        *p = static_cast<uint8_t>(v);
    }
}

/// A number whose low `bits` (0 to 64) bits are ones.
constexpr uint64_t low_bits_mask(unsigned bits) { return bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1; }

/// The `bits` (1 to 64) bits at bit `position` of `base`.
inline uint64_t read_bits(const uint8_t* base, size_t position, unsigned bits) {
    const uint8_t* p = base + position / 8;
    const unsigned span = static_cast<unsigned>(position % 8) + bits;  // at most 71
    uint64_t v;
    if (LINTEL_LIKELY(span <= 64)) {
        const unsigned bytes = (span + 7) / 8;
        v = load_bytes(p, bytes) >> (8 * bytes - span);
    } else {
        v = (load_big_endian<uint64_t>(p) << (span - 64)) | (p[8] >> (72 - span));
    }
    return v & low_bits_mask(bits);
}

/// Writes the low `bits` (1 to 64) bits of `v` at bit `position`. Bits before it in the first byte stay; bits after the run in
/// the last byte become zero: for writers that go from left to right.
inline void write_bits(uint8_t* base, size_t position, unsigned bits, uint64_t v) {
    uint8_t* p = base + position / 8;
    const unsigned before = static_cast<unsigned>(position % 8);
    const unsigned span = before + bits;
    v &= low_bits_mask(bits);
    // The bits kept, as the first byte of the result.
    const uint64_t kept = before == 0 ? 0 : static_cast<uint64_t>(*p) >> (8 - before) << (8 - before);
    if (LINTEL_LIKELY(span <= 64)) {
        const unsigned bytes = (span + 7) / 8;
        store_bytes(p, (v << (8 * bytes - span)) | (kept << (8 * (bytes - 1))), bytes);
    } else {
        store_big_endian(p, (v >> (span - 64)) | (kept << 56));
        p[8] = static_cast<uint8_t>(v << (72 - span));
    }
}

}  // namespace lintel
