#pragma once
/// What the files of integer arithmetic share: integers as sign and magnitude, and results built in place.

#include <gmp.h>

#include "vm/exec_state.h"

namespace lintel {

static_assert(GMP_NUMB_BITS == 64 && sizeof(mp_limb_t) == sizeof(Word), "GMP's limbs are not ours");

inline constexpr size_t kLimbBits = 64;

__extension__ typedef unsigned __int128 Wide;
__extension__ typedef __int128 SignedWide;

/// A word as GMP's functions want it. Both are unsigned and of 64 bits, but need not be the same type.
inline mp_limb_t* gmp(Word* limbs) { return reinterpret_cast<mp_limb_t*>(limbs); }
inline const mp_limb_t* gmp(const Word* limbs) { return reinterpret_cast<const mp_limb_t*>(limbs); }

/// Any integer term as sign and magnitude. A small integer's limb lives in the view itself; zero has no limbs.
class IntegerView {
public:
    explicit IntegerView(Term t) {
        if (t.is_small()) {
            const int64_t v = t.to_small();
            negative_ = v < 0;
            own_ = v < 0 ? Word{0} - static_cast<Word>(v) : static_cast<Word>(v);
            limbs_ = &own_;
            size_ = v != 0;
        } else {
            LINTEL_ASSERT(t.is_bignum());
            const Word* words = t.boxed_words();
            negative_ = (header_aux(words[0]) & 1) != 0;
            limbs_ = words + 1;
            size_ = header_size(words[0]);
        }
    }
    IntegerView(const IntegerView&) = delete;
    IntegerView& operator=(const IntegerView&) = delete;

    bool negative() const { return negative_; }
    bool is_zero() const { return size_ == 0; }
    size_t size() const { return size_; }
    const Word* limbs() const { return limbs_; }
    /// The least significant limb; 0 for zero.
    Word low() const { return limbs_[0]; }
    size_t bit_length() const {
        return size_ == 0 ? 0 : size_ * kLimbBits - static_cast<size_t>(__builtin_clzll(limbs_[size_ - 1]));
    }

private:
    const Word* limbs_;
    size_t size_;
    bool negative_;
    Word own_ = 0;
};

/// Room in the heap for an integer whose limbs are computed in place.
class IntegerResult {
public:
    IntegerResult(ExecState& p, size_t limbs) : p_(p), heap_(p.reserve(1 + limbs)), words_(heap_.raw(1 + limbs)) {}

    Word* limbs() { return words_ + 1; }
    mp_limb_t* gmp_limbs() { return gmp(limbs()); }

    /// The integer of the lowest `size` limbs (leading zeros allowed). Raises system_limit if it is too large.
    Term finish(size_t size, bool negative) {
        const Word* magnitude = words_ + 1;
        while (size > 0 && magnitude[size - 1] == 0) --size;
        if (size <= 1) {
            const Word m = size == 0 ? 0 : magnitude[0];
            if (m < kSmallLimit || (negative && m == kSmallLimit)) {
                heap_.give_back_from(words_);
                return Term::small(static_cast<int64_t>(negative ? Word{0} - m : m));
            }
        }
        if (LINTEL_UNLIKELY(size > kMaxBignumLimbs)) {
            heap_.give_back_from(words_);
            return p_.system_limit();
        }
        return finish_unlimited(size, negative);
    }
    /// As finish, for a magnitude that is known to be no small integer, and without the limit.
    Term finish_unlimited(size_t size, bool negative) {
        words_[0] = make_header(Kind::bignum, size, negative ? 1 : 0);
        heap_.give_back_from(words_ + 1 + size);
        return Term::boxed(words_);
    }

    static constexpr Word kSmallLimit = Word{1} << 60;

private:
    ExecState& p_;
    HeapBuilder heap_;
    Word* words_;
};

/// The integer of this sign and a magnitude of up to two limbs.
inline Term make_integer(ExecState& p, Wide magnitude, bool negative) {
    const auto low = static_cast<Word>(magnitude);
    const auto high = static_cast<Word>(magnitude >> kLimbBits);
    if (high == 0 && (low < IntegerResult::kSmallLimit || (negative && low == IntegerResult::kSmallLimit))) {
        return Term::small(static_cast<int64_t>(negative ? Word{0} - low : low));
    }
    HeapBuilder heap = p.reserve(high == 0 ? 2 : 3);
    Word* w = heap.raw(high == 0 ? 2 : 3);
    w[0] = make_header(Kind::bignum, high == 0 ? 1 : 2, negative ? 1 : 0);
    w[1] = low;
    if (high != 0) w[2] = high;
    return Term::boxed(w);
}

/// The signed value of an integer of at most one limb.
inline SignedWide to_wide(const IntegerView& v) {
    LINTEL_ASSERT(v.size() <= 1);
    return v.negative() ? -static_cast<SignedWide>(v.low()) : static_cast<SignedWide>(v.low());
}
inline Term make_integer(ExecState& p, int64_t v) {
    if (LINTEL_LIKELY(Term::fits_small(v))) return Term::small(v);
    return p.reserve(kIntegerWords).integer(v);
}
inline Term make_integer(ExecState& p, SignedWide v) {
    return v < 0 ? make_integer(p, Wide{0} - static_cast<Wide>(v), true) : make_integer(p, static_cast<Wide>(v), false);
}

/// <0, 0, >0 by magnitude.
inline int compare_magnitudes(const IntegerView& a, const IntegerView& b) {
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    return a.size() == 0 ? 0 : mpn_cmp(gmp(a.limbs()), gmp(b.limbs()), static_cast<mp_size_t>(a.size()));
}

/// Charges for an operation that looks at so many limbs.
inline void charge_limbs(ExecState& p, size_t limbs) {
    if (limbs >= 64) p.charge(limbs / 64);
}
/// Charges for a product (or a quotient) of `large` times `small` limbs. Above some hundred limbs GMP is better than quadratic.
inline void charge_product(ExecState& p, size_t large, size_t small) {
    const size_t products = large * (small < 256 ? small : 256);
    if (products >= 256) p.charge(products / 256);
}

}  // namespace lintel
