#pragma once
/// Hashes of terms: internal_hash as OTP 25 orders large maps and tables by it, table_hash for our own tables, phash2 and phash as OTP
/// defines them (part of the language).

#include "term/atom.h"
#include "term/jenkins.h"
#include "term/release.h"

namespace lintel {

/// internal_hash of what is neither an atom nor a small integer of OTP's. Use internal_hash.
uint32_t internal_hash_compound(Term t, uint32_t seed);

/// Whether it is a small integer on OTP too, whose have one bit less.
inline bool is_otp_small(Term t) { return t.is_small() && (t.word() ^ t.word() << 1) >> 63 == 0; }

/// Of these: OTP's word for it, four bits of tag below the number, taken in.
inline uint32_t internal_hash_of_small(Term t, uint32_t hash) {
    const Word w = t.word() << 1 | 1;
    return jenkins_add(hash, static_cast<uint32_t>(w), static_cast<uint32_t>(w >> 32), golden(1));
}

/// Equal for exactly equal terms, the same in every run and every VM. Where the terms have no atoms, pids, references and funs in them it is
/// OTP 25's, whose large maps and tables (`stdlib/ets/hash_rows.h`) are walked in an order that follows from it. Another `salt` gives
/// another hash. Constant C stack.
inline uint32_t internal_hash(Term t, uint32_t salt = 0) {
    constexpr uint32_t kSeed = 3432918353u;
    if (t.is_atom()) {
        const Word name = t.atom_entry()->internal_hash;
        if (salt == 0) return static_cast<uint32_t>(name);
        return jenkins_add(salt, static_cast<uint32_t>(name), static_cast<uint32_t>(name >> 32), golden(1));
    }
    if (LINTEL_LIKELY(is_otp_small(t))) return internal_hash_of_small(t, kSeed ^ salt);
    return internal_hash_compound(t, kSeed ^ salt);
}

/// The hash that tells keys of a large map apart whose internal_hash agrees: of its `round`th 32 bits, from 1 on.
inline uint32_t internal_hash_again(Term key, uint32_t round) {
    return internal_hash(key, jenkins_add(0, round, 1, golden(22)));
}

/// For tables whose order nobody sees: equal for exactly equal terms, the same in every run and every VM. Immediates have 64 good bits, others
/// 32. Constant C stack.
inline Word table_hash(Term t) {
    if (t.is_atom()) return t.atom_entry()->internal_hash;
    if (LINTEL_LIKELY(t.is_immediate())) {
        if (!kSignedZerosDiffer && t.word() == special_word(Special::negative_zero)) {
            return mix_word(special_word(Special::positive_zero));
        }
        return mix_word(t.word());
    }
    return internal_hash(t);
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
