#pragma once
/// Hashes of terms: internal_hash for our own tables, phash2 and phash as OTP defines them (part of the language).

#include "term/atom.h"
#include "term/release.h"

namespace lintel {

/// internal_hash of cons and boxed terms. Use internal_hash.
Word internal_hash_compound(Term t);

/// Hash for large maps and ETS: equal for exactly equal terms, all 64 bits usable, the same in every run and every VM.
/// Not OTP's and never shown to Erlang code. Constant C stack.
inline Word internal_hash(Term t) {
    if (t.is_atom()) return t.atom_entry()->internal_hash;
    if (LINTEL_LIKELY(t.is_immediate())) {
        if (!kSignedZerosDiffer && t.word() == special_word(Special::negative_zero)) {
            return mix_word(special_word(Special::positive_zero));
        }
        return mix_word(t.word());
    }
    return internal_hash_compound(t);
}

/// erlang:phash2/1 before its range is applied: bit for bit OTP's 32-bit value. phash2/1 is this modulo 2^27,
/// phash2/2 is this modulo Range. Constant C stack; work grows with the size of `t`: *steps grows by the
/// number of terms in it (and more for long binaries).
uint32_t portable_hash2(Term t, size_t* steps = nullptr);
/// erlang:phash/2 before its range is applied: phash(T, Range) is 1 + this modulo Range.
uint32_t portable_hash(Term t);

/// erlang:phash2/1.
inline uint32_t phash2(Term t) { return portable_hash2(t) & ((1u << 27) - 1); }

}  // namespace lintel
