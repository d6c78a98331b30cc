#pragma once
/// The machine word that terms, header words and code are made of.

#include <cstddef>
#include <cstdint>

namespace lintel {

using Word = uint64_t;

inline constexpr size_t kWordBytes = sizeof(Word);

/// Words needed to hold `bytes` bytes.
constexpr size_t words_for_bytes(size_t bytes) { return (bytes + kWordBytes - 1) / kWordBytes; }

/// Bytes needed to hold `bits` bits.
constexpr size_t bytes_for_bits(size_t bits) { return (bits + 7) / 8; }

/// A bijection of 64-bit words that spreads every input bit over all output bits.
constexpr Word mix_word(Word x) {
    x ^= x >> 32;
    x *= 0xe9846af9b1a615dull;
    x ^= x >> 32;
    x *= 0xe9846af9b1a615dull;
    x ^= x >> 28;
    return x;
}

}  // namespace lintel
