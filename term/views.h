#pragma once
/// Typed views of boxed terms. A view is one or two pointers, owns nothing, and is empty (false) when the term is
/// of another type, so that check and use are one thing:
///
///     const auto tuple = as_tuple(a[0]);
///     if (!tuple) return p.badarg();
///
/// Views of maps are in term/map.h, of bit strings in term/bits.h.

#include <span>

#include "term/term.h"

namespace lintel {

class TupleView {
public:
    constexpr TupleView() = default;
    explicit TupleView(Word* words) : words_(words) {}
    explicit operator bool() const { return words_ != nullptr; }
    size_t arity() const { return header_size(words_[0]); }
    /// Element `i`, counted from 0.
    Term operator[](size_t i) const {
        LINTEL_ASSERT(i < arity());
        return Term(words_[1 + i]);
    }
    std::span<const Term> elements() const { return {reinterpret_cast<const Term*>(words_ + 1), arity()}; }

private:
    Word* words_ = nullptr;
};

inline TupleView as_tuple(Term t) { return t.is_tuple() ? TupleView(t.boxed_words()) : TupleView(); }
/// A tuple of exactly `arity` elements, else empty.
inline TupleView as_tuple(Term t, size_t arity) {
    return t.is_boxed() && t.header() == make_header(Kind::tuple, arity) ? TupleView(t.boxed_words()) : TupleView();
}

/// Value of any float term.
inline double to_double(Term t) {
    if (t.is_immediate_float()) return t.immediate_float();
    LINTEL_ASSERT(t.is_kind(Kind::boxed_float));
    return std::bit_cast<double>(t.boxed_words()[1]);
}

/// A big integer: magnitude as 64-bit limbs, least significant first, most significant not zero.
class BignumView {
public:
    constexpr BignumView() = default;
    explicit BignumView(const Word* words) : words_(words) {}
    explicit operator bool() const { return words_ != nullptr; }
    bool negative() const { return (header_aux(words_[0]) & 1) != 0; }
    std::span<const Word> limbs() const { return {words_ + 1, header_size(words_[0])}; }

private:
    const Word* words_ = nullptr;
};

inline BignumView as_bignum(Term t) { return t.is_bignum() ? BignumView(t.boxed_words()) : BignumView(); }

/// Length of a proper list, or -1 if `list` is no proper list.
inline int64_t list_length(Term list) {
    int64_t n = 0;
    while (list.is_cons()) {
        list = list.tail();
        ++n;
    }
    return list.is_nil() ? n : -1;
}

}  // namespace lintel
