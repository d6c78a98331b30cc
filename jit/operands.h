#pragma once
/// Operands of operations, as emitters see them. Private to jit/.

#include "term/bits.h"
#include "vm/ops.h"

namespace lintel::jit {

/// A register of the VM: where it is and which one, as a byte offset.
struct Place {
    bool is_y;
    uint32_t offset;
    bool operator==(const Place&) const = default;
};
inline Place x_place(unsigned offset) { return {false, offset}; }
inline Place y_place(unsigned offset) { return {true, offset}; }
inline Word x_source(unsigned offset) { return ops::source_of(static_cast<ops::Reg>(offset)); }
inline Word y_source(unsigned offset) { return ops::source_of(static_cast<ops::Reg>(offset | 1)); }
inline Place place_of(ops::Reg r) { return {(r & 1) != 0, r & ~7u}; }

inline bool is_constant(Word source) { return (source & kTagMask) != static_cast<Word>(Tag::code); }
inline bool is_small_constant(Word source) { return (source & kTagMask) == static_cast<Word>(Tag::small); }
inline Place place_of_source(Word source) { return {(source & 8) != 0, static_cast<uint32_t>(source >> 4)}; }
inline bool names(Word source, Place place) { return !is_constant(source) && place_of_source(source) == place; }

/// A key that is the same as another only if the words are.
inline bool is_word_key(Word key) {
    return is_constant(key) && Term(key).is_immediate() && !Term(key).is_immediate_float();
}

/// BIFs in guards that are done inline for the terms that they usually get: sizes of tuples, flat maps and bit strings; of two small integers
/// the smaller or the larger.
enum class GuardForm : uint8_t { none, tuple_size, map_size, byte_size, bit_size, min, max };
inline GuardForm guard_form(const BifEntry& bif) {
    if (bif.module != am::erlang()) return GuardForm::none;
    switch (atom_id(bif.function)) {
        case AtomId::tuple_size: return GuardForm::tuple_size;
        case AtomId::map_size: return GuardForm::map_size;
        case AtomId::byte_size: return GuardForm::byte_size;
        case AtomId::bit_size: return GuardForm::bit_size;
        case AtomId::min: return GuardForm::min;
        case AtomId::max: return GuardForm::max;
        default: return GuardForm::none;
    }
}

}  // namespace lintel::jit
