#pragma once
/// What the files of binary construction share; private to them.

#include "vm/runtime_bs.h"

namespace lintel {

/// Larger bit strings are a system_limit: 2^50 bits; what memory holds is far less.
inline constexpr size_t kMaxBitStringBits = size_t{1} << 50;

/// Room that a bit string under construction has.
struct BitTarget {
    uint8_t* base = nullptr;       ///< nullptr: out of memory
    size_t position = 0;           ///< where new bits go
    Term result;                   ///< the finished bit string
    RefcBinary* grown = nullptr;   ///< appended in place to this handle…
    size_t grown_from = 0;         ///< …which had so many bits: to take the append back
    SubBinary* widened = nullptr;  ///< and changed this bit string of it
};

/// A new bit string of `bits` bits; its bits are the caller's to write, all of them.
BitTarget new_bit_target(ExecState& p, size_t bits);
/// `old` (a bit string of `old_bits` bits) with room for `extra` bits after it. `is_private`: nobody uses `old` any more.
BitTarget append_target(ExecState& p, Term old, size_t old_bits, size_t extra, bool is_private);
/// The append did not happen: the next one may use the room.
void take_back(const BitTarget& target);

/// For bits that are copied.
inline void charge_for_bits(ExecState& p, size_t bits) {
    constexpr size_t kBitsPerReduction = 8 * 1024;
    if (LINTEL_UNLIKELY(bits >= kBitsPerReduction)) p.charge(bits / kBitsPerReduction);
}

enum class PutStatus : uint8_t { ok, bad_type, bad_size, no_float, too_short, bad_unit };

/// Each writes one value at bit `position`, from left to right, and zeroes the rest of the last byte.
PutStatus put_float_bits(uint8_t* base, size_t position, size_t bits, unsigned flags, Term value);
PutStatus put_binary_bits(uint8_t* base, size_t position, size_t bits, Term value);
/// The bytes of a code point; 0 if it is none. `out` has room for four.
size_t utf8_bytes_of(Term code_point, uint8_t* out);
size_t utf16_bytes_of(Term code_point, unsigned flags, uint8_t* out);
size_t utf32_bytes_of(Term code_point, unsigned flags, uint8_t* out);
/// Sizes for a valid code point; for anything else 4 and 2.
size_t utf8_size_of(Term code_point);
size_t utf16_size_of(Term code_point);
void write_byte_run(uint8_t* base, size_t position, const uint8_t* bytes, size_t count);

}  // namespace lintel
