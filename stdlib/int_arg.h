#pragma once
/// Integers that the system or a library wants as 32 or 64 bits.

#include <climits>
#include <cstdint>

#include "term/views.h"

namespace lintel {

/// False: no integer of 64 bits.
inline bool int64_of(Term t, int64_t* value) {
    if (t.is_small()) {
        *value = t.to_small();
        return true;
    }
    const BignumView big = as_bignum(t);
    if (!big || big.limbs().size() != 1) return false;
    const Word magnitude = big.limbs()[0];
    const Word most = static_cast<Word>(INT64_MAX) + (big.negative() ? 1 : 0);
    if (magnitude > most) return false;
    *value = static_cast<int64_t>(big.negative() ? 0 - magnitude : magnitude);
    return true;
}
/// False: no integer of 64 bits without a sign.
inline bool uint64_of(Term t, uint64_t* value) {
    if (t.is_small()) {
        *value = static_cast<uint64_t>(t.to_small());
        return t.to_small() >= 0;
    }
    const BignumView big = as_bignum(t);
    if (!big || big.negative() || big.limbs().size() != 1) return false;
    *value = big.limbs()[0];
    return true;
}
/// False: no integer that an int can be.
inline bool int_of(Term t, int* value) {
    if (!t.is_small() || t.to_small() < INT_MIN || t.to_small() > INT_MAX) return false;
    *value = static_cast<int>(t.to_small());
    return true;
}

}  // namespace lintel
