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

}  // namespace lintel
