#include "jit/ring.h"

namespace lintel::jit {

RingOperation ring_operation(const LoweredOp& o, const Word* at) {
    using Kind = RingOperation::Kind;
    switch (o.op) {
#define ROW(name, ring, load_a, load_b, load_to)                         \
    case Op::name: {                                                     \
        const auto& op = *reinterpret_cast<const ops::name*>(at);        \
        return {Kind::ring, load_a(op.a), load_b(op.b), load_to(op.to)}; \
    }
        ROW(add, add, , , place_of)
        ROW(add_xc, add, x_source, , x_place)
        ROW(add_xx, add, x_source, x_source, x_place)
        ROW(add_yc, add, y_source, , x_place)
        ROW(add_yx, add, y_source, x_source, x_place)
        ROW(sub, sub, , , place_of)
        ROW(sub_xc, sub, x_source, , x_place)
        ROW(sub_xx, sub, x_source, x_source, x_place)
        ROW(sub_yc, sub, y_source, , x_place)
        ROW(mul, mul, , , place_of)
        ROW(mul_xx, mul, x_source, x_source, x_place)
        ROW(mul_xc, mul, x_source, , x_place)
        ROW(band, band, , , place_of)
        ROW(band_xx, band, x_source, x_source, x_place)
        ROW(band_xc, band, x_source, , x_place)
        ROW(bor, bor, , , place_of)
        ROW(bor_xx, bor, x_source, x_source, x_place)
        ROW(bxor, bxor, , , place_of)
        ROW(bxor_xx, bxor, x_source, x_source, x_place)
        ROW(bsl, bsl, , , place_of)
        ROW(bsl_xc, bsl, x_source, , x_place)
#undef ROW
        default: return {};
    }
}

bool low_bits(Word source, uint64_t* bits) {
    const Term t(source);
    if (t.is_small()) {
        *bits = static_cast<uint64_t>(t.to_small());
        return true;
    }
    if (!t.is_bignum()) return false;
    const Word* words = t.boxed_words();
    *bits = (header_aux(words[0]) & 1) != 0 ? ~words[1] + 1 : words[1];
    return true;
}

bool has_low_bits(const RingOperation& o) {
    uint64_t bits = 0;
    if ((is_constant(o.a) && !low_bits(o.a, &bits)) || (is_constant(o.b) && !low_bits(o.b, &bits))) return false;
    return o.kind != RingOperation::Kind::bsl ||
           (is_small_constant(o.b) && Term(o.b).to_small() >= 0 && Term(o.b).to_small() <= 63);
}

bool is_mask(const RingOperation& o, uint64_t* mask) {
    if (o.kind != RingOperation::Kind::band) return false;
    for (const Word w : {o.a, o.b}) {
        uint64_t bits = 0;
        if (!is_constant(w) || !low_bits(w, &bits)) continue;
        const Term t(w);
        if (t.is_small() ? t.to_small() >= 0 : header_size(t.header()) == 1 && (header_aux(t.header()) & 1) == 0) {
            *mask = bits;
            return true;
        }
    }
    return false;
}

}  // namespace lintel::jit
