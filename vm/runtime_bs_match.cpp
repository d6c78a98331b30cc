/// Matching of bit strings.
///
/// A match context is a cursor: the underlying binary, the address of its first byte, and positions in bits counted from
/// there. Every function tests first that enough bits are left and moves the position only when it succeeds, so a failed
/// match leaves the context for the next clause.
///
/// Integers are read limb by limb, 64 bits at any bit position with one or two loads (vm/bit_access.h), without an
/// aligned copy in between. Little-endian fields are a sequence of bytes, least significant first; when the size is no multiple of
/// eight, the most significant bits come last, in a part of a byte.
///
/// Short binaries (up to kBsCopyBytes, whole bytes) are copied to the heap: that takes no more words than a sub_binary, which
/// would keep a possibly large binary alive.

#include <cmath>

#include "term/utf8.h"
#include "vm/runtime_bs.h"

namespace lintel {
namespace {

Term make_unsigned(ExecState& p, uint64_t v) {
    if (LINTEL_LIKELY(v <= static_cast<uint64_t>(Term::kSmallMax))) return Term::small(static_cast<int64_t>(v));
    auto heap = p.reserve(kIntegerWords);
    return heap.unsigned_integer(v);
}

Term make_signed(ExecState& p, int64_t v) {
    if (LINTEL_LIKELY(Term::fits_small(v))) return Term::small(v);
    auto heap = p.reserve(kIntegerWords);
    return heap.integer(v);
}

/// Low `bits` (1 to 64) bits of a little-endian field of just that size.
uint64_t read_little(const uint8_t* base, size_t position, unsigned bits) {
    const unsigned whole = bits / 8 * 8;
    uint64_t v = 0;
    if (whole != 0) v = __builtin_bswap64(read_bits(base, position, whole) << (64 - whole));
    if (whole != bits) v |= read_bits(base, position + whole, bits - whole) << whole;
    return v;
}

/// Limb `i` of the field, counted from the least significant one.
uint64_t read_limb(const uint8_t* base, size_t position, size_t bits, bool little, size_t i) {
    const size_t left = bits - 64 * i;
    const unsigned take = left < 64 ? static_cast<unsigned>(left) : 64;
    if (little) return read_little(base, position + 64 * i, take);
    return read_bits(base, position + left - take, take);
}

Term read_big(ExecState& p, const uint8_t* base, size_t position, size_t bits, bool little, bool is_signed) {
    size_t limbs = (bits + 63) / 64;
    const unsigned top_bits = static_cast<unsigned>(bits - 64 * (limbs - 1));
    uint64_t top = read_limb(base, position, bits, little, limbs - 1);
    const bool negative = is_signed && (top >> (top_bits - 1)) != 0;
    if (!negative) {
        while (top == 0 && limbs > 1) {
            --limbs;
            top = read_limb(base, position, bits, little, limbs - 1);
        }
        if (limbs == 1) return make_unsigned(p, top);
    } else {
        // Limbs that only extend the sign: the magnitude is then at most 64 bits less.
        if (top_bits < 64) top |= ~low_bits_mask(top_bits);
        while (top == ~uint64_t{0} && limbs > 1 && (read_limb(base, position, bits, little, limbs - 2) >> 63) != 0) {
            --limbs;
            top = read_limb(base, position, bits, little, limbs - 1);
        }
        if (limbs == 1) return make_signed(p, static_cast<int64_t>(top));
    }
    if (limbs > kMaxBignumLimbs) return Term::none();

    auto heap = p.reserve(1 + limbs);
    Word* w = heap.raw(1 + limbs);
    Word* limb = w + 1;
    for (size_t i = 0; i < limbs; ++i) limb[i] = read_limb(base, position, bits, little, i);
    if (negative) {
        limb[limbs - 1] = top;  // sign-extended
        size_t i = 0;
        while (i + 1 < limbs && limb[i] == 0) ++i;
        limb[i] = ~limb[i] + 1;
        while (++i < limbs) limb[i] = ~limb[i];
        // A top limb that only held the sign has become zero.
        while (limbs > 1 && limb[limbs - 1] == 0) --limbs;
    }
    *w = make_header(Kind::bignum, limbs, negative ? 1 : 0);
    return Term::boxed(w);
}

double half_to_double(uint16_t half) {
    const int exponent = (half >> 10) & 31;
    const int fraction = half & 1023;
    const double magnitude = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

bool is_surrogate(uint64_t code) { return code >= 0xd800 && code <= 0xdfff; }

/// A bit string over bits of `of`; see kBsCopyBytes.
Term make_part(ExecState& p, Term of, const uint8_t* base, size_t position, size_t bits) {
    const size_t bytes = bits / 8;
    if (bytes <= kBsCopyBytes && bits % 8 == 0) {
        const size_t words = words_for_bytes(bytes);
        auto heap = p.reserve(1 + words);
        Word* w = heap.raw(1 + words);
        w[0] = make_header(Kind::heap_binary, words, static_cast<uint32_t>(bytes));
        for (size_t i = 0; i < words; ++i) {
            const size_t left = bits - 64 * i;
            const unsigned take = left < 64 ? static_cast<unsigned>(left) : 64;
            w[1 + i] = to_big_endian(read_bits(base, position + 64 * i, take) << (64 - take));
        }
        return Term::boxed(w);
    }
    const Word* of_words = of.boxed_words();
    if (position == 0 && bits % 8 == 0) {
        // The whole of it, unless it may still grow.
        if (header_kind(*of_words) == Kind::heap_binary) {
            if (header_aux(*of_words) == bytes) return of;
        } else {
            const auto* refc = reinterpret_cast<const RefcBinary*>(of_words);
            if (refc->bytes == bytes && (refc->flags & RefcBinary::kWritable) == 0) return of;
        }
    }
    auto heap = p.reserve(kSubBinaryWords);
    Word* w = heap.raw(kSubBinaryWords);
    w[0] = make_header(Kind::sub_binary, kSubBinaryWords - 1);
    w[1] = of.word();
    w[2] = position;
    w[3] = bits;
    return Term::boxed(w);
}

}  // namespace

Term bs_start_match(ExecState& p, Term bits, size_t save_slots) {
    if (LINTEL_UNLIKELY(!bits.is_boxed())) return Term::none();
    Word* from = bits.boxed_words();
    Term of = bits;
    const uint8_t* base;
    size_t position = 0, size;
    const Kind kind = header_kind(*from);
    if (kind == Kind::match_context) {
        auto* c = reinterpret_cast<MatchContext*>(from);
        c->start = c->position;
        const size_t slots = header_size(c->header) + 1 - kMatchContextWords;
        if (LINTEL_LIKELY(slots >= save_slots)) return bits;
        of = c->of;
        base = c->base;
        position = c->position;
        size = bs_bits_left(c);
    } else {
        if (kind == Kind::sub_binary) {
            const auto* sub = reinterpret_cast<const SubBinary*>(from);
            of = sub->of;
            position = sub->offset_bits;
            size = sub->size_bits;
            from = of.boxed_words();
        } else {
            size = SIZE_MAX;
        }
        if (header_kind(*from) == Kind::heap_binary) {
            base = reinterpret_cast<const uint8_t*>(from + 1);
            if (size == SIZE_MAX) size = size_t{header_aux(*from)} * 8;
        } else if (header_kind(*from) == Kind::refc_binary) {
            auto* refc = reinterpret_cast<RefcBinary*>(from);
            base = refc->data->bytes;
            if (size == SIZE_MAX) size = refc->bytes * 8;
            if ((refc->flags & RefcBinary::kWritable) != 0) refc->flags |= RefcBinary::kMatched;
        } else {
            return Term::none();
        }
    }
    const size_t words = bs_start_match_words(save_slots);
    auto heap = p.reserve(words);
    Word* w = heap.raw(words);
    auto* c = reinterpret_cast<MatchContext*>(w);
    c->header = make_header(Kind::match_context, words - 1);
    c->of = of;
    c->base = base;
    c->position = position;
    c->end = position + size;
    c->start = position;
    for (size_t i = 0; i < save_slots; ++i) c->saved[i] = position;
    return Term::boxed(w);
}

Term read_integer(ExecState& p, const uint8_t* base, size_t position, size_t bits, unsigned flags) {
    if (bits == 0) return Term::small(0);
    const bool little = bs_is_little(flags) && bits > 8;
    const bool is_signed = (flags & kBsSigned) != 0;
    if (LINTEL_UNLIKELY(bits > 64)) return read_big(p, base, position, bits, little, is_signed);
    const unsigned n = static_cast<unsigned>(bits);
    const uint64_t v = little ? read_little(base, position, n) : read_bits(base, position, n);
    if (!is_signed) return make_unsigned(p, v);
    return make_signed(p, static_cast<int64_t>(v << (64 - n)) >> (64 - n));
}

Term bs_get_integer(ExecState& p, MatchContext* c, size_t bits, unsigned flags) {
    if (bits > bs_bits_left(c)) return Term::none();
    const Term v = read_integer(p, c->base, c->position, bits, flags);
    if (v.is_value()) c->position += bits;
    return v;
}

Term bs_get_float(ExecState& p, MatchContext* c, size_t bits, unsigned flags) {
    if (bits == 0) return Term::try_immediate_float(0.0);
    if (bits > bs_bits_left(c) || (bits != 16 && bits != 32 && bits != 64)) return Term::none();
    const unsigned n = static_cast<unsigned>(bits);
    const uint64_t raw =
        bs_is_little(flags) ? read_little(c->base, c->position, n) : read_bits(c->base, c->position, n);
    double d;
    if (n == 64) {
        d = std::bit_cast<double>(raw);
        if (!std::isfinite(d)) return Term::none();
    } else if (n == 32) {
        d = static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(raw)));
        if (!std::isfinite(d)) return Term::none();
    } else {
        if ((raw & 0x7c00) == 0x7c00) return Term::none();
        d = half_to_double(static_cast<uint16_t>(raw));
    }
    c->position += bits;
    const Term immediate = Term::try_immediate_float(d);
    if (immediate.is_value()) return immediate;
    auto heap = p.reserve(kBoxedFloatWords);
    return heap.make_float(d);
}

Term bs_get_binary(ExecState& p, MatchContext* c, size_t bits) {
    if (bits > bs_bits_left(c)) return Term::none();
    const Term part = make_part(p, c->of, c->base, c->position, bits);
    c->position += bits;
    return part;
}

Term bs_get_binary_all(ExecState& p, MatchContext* c, size_t unit) {
    if (!bs_test_unit(c, unit)) return Term::none();
    return bs_get_binary(p, c, bs_bits_left(c));
}

Term bs_get_tail(ExecState& p, const MatchContext* c) {
    return make_part(p, c->of, c->base, c->position, bs_bits_left(c));
}

Term bs_context_to_binary(ExecState& p, const MatchContext* c) {
    return make_part(p, c->of, c->base, c->start, c->end - c->start);
}

void bs_save(MatchContext* c, size_t slot) {
    if (slot < header_size(c->header) + 1 - kMatchContextWords) c->saved[slot] = c->position;
}

void bs_restore(MatchContext* c, size_t slot) {
    if (slot < header_size(c->header) + 1 - kMatchContextWords) c->position = c->saved[slot];
}

bool bs_match_string(MatchContext* c, const uint8_t* string, size_t bits) {
    if (bits > bs_bits_left(c)) return false;
    const size_t position = c->position;
    size_t done = 0;
    if (position % 8 == 0) {
        done = bits / 8 * 8;
        if (memcmp(c->base + position / 8, string, bits / 8) != 0) return false;
    }
    while (done < bits) {
        const unsigned take = bits - done < 64 ? static_cast<unsigned>(bits - done) : 64;
        if (read_bits(c->base, position + done, take) != read_bits(string, done, take)) return false;
        done += take;
    }
    c->position = position + bits;
    return true;
}

Term bs_get_utf8_slow(MatchContext* c) {
    const size_t available = bs_bits_left(c) / 8;
    if (available == 0) return Term::none();
    const uint8_t* at = c->base + c->position / 8;
    uint8_t copy[4];
    size_t count = available < 4 ? available : 4;
    if (c->position % 8 != 0) {
        const uint64_t v = read_bits(c->base, c->position, static_cast<unsigned>(8 * count)) << (8 * (4 - count));
        store_bytes(copy, v, 4);
        at = copy;
    }
    const Utf8Step step = decode_utf8(at, count);
    if (step.status != Utf8Step::Status::ok) return Term::none();
    c->position += size_t{step.bytes} * 8;
    return Term::small(step.code_point);
}

Term bs_get_utf16(MatchContext* c, unsigned flags) {
    const bool little = bs_is_little(flags);
    const auto unit_at = [&](size_t position) {
        return little ? read_little(c->base, position, 16) : read_bits(c->base, position, 16);
    };
    if (bs_bits_left(c) < 16) return Term::none();
    const uint64_t first = unit_at(c->position);
    if (!is_surrogate(first)) {
        c->position += 16;
        return Term::small(static_cast<int64_t>(first));
    }
    if (first >= 0xdc00 || bs_bits_left(c) < 32) return Term::none();
    const uint64_t second = unit_at(c->position + 16);
    if (second < 0xdc00 || second > 0xdfff) return Term::none();
    c->position += 32;
    return Term::small(static_cast<int64_t>(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)));
}

Term bs_get_utf32(MatchContext* c, unsigned flags) {
    if (bs_bits_left(c) < 32) return Term::none();
    const uint64_t code =
        bs_is_little(flags) ? read_little(c->base, c->position, 32) : read_bits(c->base, c->position, 32);
    if (code > 0x10ffff || is_surrogate(code)) return Term::none();
    c->position += 32;
    return Term::small(static_cast<int64_t>(code));
}

}  // namespace lintel
