#include <algorithm>
#include <bit>

#include "jit/x86_64/emit_calls.h"
#include "vm/runtime_arith.h"

/// Arithmetic: small integers here, the rest by the functions that the interpreter calls. Floats in registers.

namespace lintel::x86_64 {

using namespace asmjit::x86;

// ---- integers

/// The C++ function on a and b; the result goes to `to`, and control to `done`. What raises is the interpreter's to do again.
Label Emitter::slow_arithmetic(Word a, Word b, Place to, Label done, Arithmetic slow) {
    return cold([this, a, b, to, done, slow] {
        const Label other = a_.newLabel();
        float_arithmetic(a, b, to, done, other, slow);
        bind(other);
        load_source_into(rsi, a);
        load_source_into(rdx, b);
        call_out(reinterpret_cast<const void*>(slow));
        a_.test(rax, rax);
        a_.jz(leaving());
        settle();
        store(to, rax);
        a_.jmp(done);
    });
}

namespace {

bool is_small_constant(Word source) { return (source & kTagMask) == static_cast<Word>(Tag::small); }
bool fits_32(Word value) { return static_cast<int64_t>(value) == static_cast<int32_t>(value); }

constexpr int32_t kSmallTag = static_cast<int32_t>(Tag::small);

}  // namespace

/// Floats by their tags whose result is one, too. Anything else goes to `other`.
void Emitter::float_arithmetic(Word a, Word b, Place to, Label done, Label other, Arithmetic slow) {
    if (slow != arith_add && slow != arith_sub && slow != arith_mul) return;
    const Gp x = load_source(a, rcx), y = load_source(b, rdx);
    jump_unless_self_tagged(x, rax, other);
    jump_unless_self_tagged(y, rax, other);
    load_self_tagged(xmm0, x);
    load_self_tagged(xmm1, y);
    if (slow == arith_add) {
        a_.addsd(xmm0, xmm1);
    } else if (slow == arith_sub) {
        a_.subsd(xmm0, xmm1);
    } else {
        a_.mulsd(xmm0, xmm1);
    }
    a_.movq(rax, xmm0);
    a_.rol(rax, 4);
    jump_unless_self_tagged(rax, rcx, other);
    store(to, rax);
    a_.jmp(done);
}

void Emitter::sum(Sum kind, Word a, Word b, Place to, Arithmetic slow) {
    const Label done = a_.newLabel();
    if (kind == Sum::add && is_small_constant(a)) std::swap(a, b);
    const Label other = slow_arithmetic(a, b, to, done, slow);
    const Word difference = b - static_cast<Word>(kSmallTag);  // without its tag
    if (is_small_constant(b) && !is_constant(a) && fits_32(difference)) {
        const Gp x = load_source(a, rcx);
        jump_unless_small(x, rdx, other);
        a_.mov(rax, x);
        kind == Sum::add ? a_.add(rax, static_cast<int32_t>(difference))
                         : a_.sub(rax, static_cast<int32_t>(difference));
        a_.jo(other);
    } else {
        const Gp x = load_source(a, rcx), y = load_source(b, rdx);
        jump_unless_both_small(x, y, rax, other);
        if (kind == Sum::add) {
            a_.lea(rax, qword_ptr(x, -kSmallTag));
            a_.add(rax, y);
            a_.jo(other);
        } else {
            a_.mov(rax, x);
            a_.sub(rax, y);
            a_.jo(other);
            a_.add(rax, kSmallTag);
        }
    }
    store(to, rax);
    bind(done);
}

void Emitter::bitwise(Bits kind, Word a, Word b, Place to, Arithmetic slow) {
    const Label done = a_.newLabel();
    const Label other = slow_arithmetic(a, b, to, done, slow);
    if (is_small_constant(a)) std::swap(a, b);
    const Gp x = load_source(a, rcx);
    if (kind == Bits::band && is_small_constant(b) && fits_32(b)) {
        jump_unless_small(x, rdx, other);
        a_.mov(rax, x);
        a_.and_(rax, static_cast<int32_t>(b));
    } else {
        const Gp y = load_source(b, rdx);
        if (kind == Bits::band) {
            // The tag of the result is the tag of both.
            a_.mov(rax, x);
            a_.and_(rax, y);
            a_.lea(esi, dword_ptr(rax, 1));
            a_.test(sil, static_cast<int32_t>(kTagMask));
            a_.jnz(other);
        } else {
            jump_unless_both_small(x, y, rax, other);
            a_.mov(rax, x);
            if (kind == Bits::bor) {
                a_.or_(rax, y);
            } else {
                a_.xor_(rax, y);
                a_.or_(rax, kSmallTag);
            }
        }
    }
    store(to, rax);
    bind(done);
}

void Emitter::multiply(Word a, Word b, Place to) {
    const Label done = a_.newLabel();
    if (is_small_constant(a)) std::swap(a, b);
    const Label other = slow_arithmetic(a, b, to, done, arith_mul);
    const Gp x = load_source(a, rcx);
    const int64_t factor = is_small_constant(b) ? Term(b).to_small() : 0;
    if (is_small_constant(b) && fits_32(static_cast<Word>(factor))) {
        jump_unless_small(x, rdx, other);
        a_.mov(rax, x);
        a_.and_(rax, -8);
        a_.imul(rax, rax, static_cast<int32_t>(factor));
    } else {
        const Gp y = load_source(b, rdx);
        jump_unless_both_small(x, y, rax, other);
        a_.mov(rax, x);
        a_.and_(rax, -8);
        a_.mov(rsi, y);
        a_.sar(rsi, static_cast<int32_t>(kTagBits));
        a_.imul(rax, rsi);
    }
    a_.jo(other);
    a_.or_(rax, kSmallTag);
    store(to, rax);
    bind(done);
}

/// Quotient or remainder: of numbers below 2^32 here, which are divided in a third of the time; by a power of two without dividing.
void Emitter::divide(bool remainder, Word a, Word b, Place to) {
    const Label done = a_.newLabel();
    const Label other = slow_arithmetic(a, b, to, done, remainder ? arith_int_rem : arith_int_div);
    const Gp x = load_source(a, rcx);
    const int64_t divisor = is_small_constant(b) ? Term(b).to_small() : 0;
    if (divisor > 0 && std::has_single_bit(static_cast<uint64_t>(divisor)) && fits_32(b)) {
        jump_unless_small(x, rdx, other);
        a_.mov(rax, x);
        a_.test(rax, rax);
        a_.js(other);
        if (remainder) {
            a_.and_(rax, static_cast<int32_t>((divisor << kTagBits) - 1));
        } else {
            a_.shr(rax, std::countr_zero(static_cast<uint64_t>(divisor)));
            a_.or_(rax, kSmallTag);
        }
    } else {
        const Gp y = load_source(b, rdx);
        jump_unless_both_small(x, y, rax, other);
        a_.mov(rax, x);
        a_.mov(rsi, y);
        a_.sar(rax, static_cast<int32_t>(kTagBits));
        a_.sar(rsi, static_cast<int32_t>(kTagBits));
        a_.mov(rdx, rax);
        a_.or_(rdx, rsi);
        a_.shr(rdx, 32);
        a_.jnz(other);
        if (divisor == 0) {
            a_.test(esi, esi);
            a_.jz(other);
        }
        a_.xor_(edx, edx);
        a_.div(esi);
        const Gp result = remainder ? rdx : rax;
        a_.shl(result, static_cast<int32_t>(kTagBits));
        a_.lea(rax, qword_ptr(result, kSmallTag));
    }
    store(to, rax);
    bind(done);
}

void Emitter::shift_left(Word a, Word b, Place to) {
    const Label done = a_.newLabel();
    const Label other = slow_arithmetic(a, b, to, done, arith_bsl);
    const bool is_known = is_small_constant(b);
    if (is_known && (Term(b).to_small() < 0 || Term(b).to_small() >= 60)) {
        a_.jmp(other);
        return bind(done);
    }
    load_source_into(rdx, a);
    if (!is_known) {
        const Gp n = load_source(b, rcx);
        jump_unless_both_small(rdx, n, rax, other);
        if (n != rcx) a_.mov(rcx, n);
        a_.sar(rcx, static_cast<int32_t>(kTagBits));
        a_.cmp(rcx, 60);
        a_.jae(other);
    } else {
        jump_unless_small(rdx, rax, other);
    }
    const auto shift = [&](Gp value, bool left) {
        const auto n = static_cast<int32_t>(is_known ? Term(b).to_small() : 0);
        if (is_known) {
            left ? a_.shl(value, n) : a_.sar(value, n);
        } else {
            left ? a_.shl(value, cl) : a_.sar(value, cl);
        }
    };
    a_.and_(rdx, -8);
    a_.mov(rax, rdx);
    shift(rax, true);
    a_.mov(rsi, rax);
    shift(rsi, false);
    a_.cmp(rsi, rdx);
    a_.jne(other);
    a_.or_(rax, kSmallTag);
    store(to, rax);
    bind(done);
}

void Emitter::shift_right(Word a, Word b, Place to) {
    const Label done = a_.newLabel();
    const Label other = slow_arithmetic(a, b, to, done, arith_bsr);
    const bool is_known = is_small_constant(b);
    if (is_known && Term(b).to_small() < 0) {
        a_.jmp(other);
        return bind(done);
    }
    load_source_into(rax, a);
    if (is_known) {
        jump_unless_small(rax, rdx, other);
        a_.sar(rax, static_cast<int32_t>(std::min<int64_t>(Term(b).to_small(), 63)));
    } else {
        const Gp n = load_source(b, rcx);
        jump_unless_both_small(rax, n, rdx, other);
        if (n != rcx) a_.mov(rcx, n);
        a_.sar(rcx, static_cast<int32_t>(kTagBits));
        a_.cmp(rcx, 63);
        a_.ja(other);
        a_.sar(rax, cl);
    }
    a_.or_(rax, kSmallTag);
    store(to, rax);
    bind(done);
}

void Emitter::emit(const ops::add& op) { sum(Sum::add, op.a, op.b, place_of(op.to), arith_add); }
void Emitter::emit(const ops::sub& op) { sum(Sum::sub, op.a, op.b, place_of(op.to), arith_sub); }
void Emitter::emit(const ops::add_xc& op) { sum(Sum::add, x_source(op.a), op.b, x_place(op.to), arith_add); }
void Emitter::emit(const ops::sub_xc& op) { sum(Sum::sub, x_source(op.a), op.b, x_place(op.to), arith_sub); }
void Emitter::emit(const ops::add_xx& op) { sum(Sum::add, x_source(op.a), x_source(op.b), x_place(op.to), arith_add); }
void Emitter::emit(const ops::sub_xx& op) { sum(Sum::sub, x_source(op.a), x_source(op.b), x_place(op.to), arith_sub); }
void Emitter::emit(const ops::add_yc& op) { sum(Sum::add, y_source(op.a), op.b, x_place(op.to), arith_add); }
void Emitter::emit(const ops::sub_yc& op) { sum(Sum::sub, y_source(op.a), op.b, x_place(op.to), arith_sub); }
void Emitter::emit(const ops::add_yx& op) { sum(Sum::add, y_source(op.a), x_source(op.b), x_place(op.to), arith_add); }
void Emitter::emit(const ops::mul& op) { multiply(op.a, op.b, place_of(op.to)); }
void Emitter::emit(const ops::mul_xx& op) { multiply(x_source(op.a), x_source(op.b), x_place(op.to)); }
void Emitter::emit(const ops::mul_xc& op) { multiply(x_source(op.a), op.b, x_place(op.to)); }
void Emitter::emit(const ops::int_div& op) { divide(false, op.a, op.b, place_of(op.to)); }
void Emitter::emit(const ops::int_rem& op) { divide(true, op.a, op.b, place_of(op.to)); }
void Emitter::emit(const ops::int_div_xc& op) { divide(false, x_source(op.a), op.b, x_place(op.to)); }
void Emitter::emit(const ops::int_rem_xc& op) { divide(true, x_source(op.a), op.b, x_place(op.to)); }
void Emitter::emit(const ops::band& op) { bitwise(Bits::band, op.a, op.b, place_of(op.to), arith_band); }
void Emitter::emit(const ops::bor& op) { bitwise(Bits::bor, op.a, op.b, place_of(op.to), arith_bor); }
void Emitter::emit(const ops::bxor& op) { bitwise(Bits::bxor, op.a, op.b, place_of(op.to), arith_bxor); }
void Emitter::emit(const ops::band_xx& op) {
    bitwise(Bits::band, x_source(op.a), x_source(op.b), x_place(op.to), arith_band);
}
void Emitter::emit(const ops::band_xc& op) { bitwise(Bits::band, x_source(op.a), op.b, x_place(op.to), arith_band); }
void Emitter::emit(const ops::bor_xx& op) {
    bitwise(Bits::bor, x_source(op.a), x_source(op.b), x_place(op.to), arith_bor);
}
void Emitter::emit(const ops::bxor_xx& op) {
    bitwise(Bits::bxor, x_source(op.a), x_source(op.b), x_place(op.to), arith_bxor);
}
void Emitter::emit(const ops::bsl& op) { shift_left(op.a, op.b, place_of(op.to)); }
void Emitter::emit(const ops::bsl_xc& op) { shift_left(x_source(op.a), op.b, x_place(op.to)); }
void Emitter::emit(const ops::bsr& op) { shift_right(op.a, op.b, place_of(op.to)); }
void Emitter::emit(const ops::bsr_xc& op) { shift_right(x_source(op.a), op.b, x_place(op.to)); }

// ---- arithmetic modulo 2^64

namespace {

/// An operation on integers whose result's low 64 bits depend on those of its operands only.
struct RingOperation {
    enum class Kind : uint8_t { none, add, sub, mul, band, bor, bxor, bsl } kind = Kind::none;
    Word a = 0, b = 0;
    Place to{};
};

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

/// The low 64 bits of an integer in the code; false: it is none.
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

/// The mask, if the operation is one of a number below 2^64 that is not negative.
bool is_mask(const RingOperation& o, uint64_t* mask) {
    if (o.kind != RingOperation::Kind::band) return false;
    for (const Word w : {o.a, o.b}) {
        if ((w & kTagMask) == static_cast<Word>(Tag::code) || !low_bits(w, mask)) continue;
        const Term t(w);
        if (t.is_small() ? t.to_small() >= 0 : header_size(t.header()) == 1 && (header_aux(t.header()) & 1) == 0)
            return true;
    }
    return false;
}

bool names(Word source, Place place) {
    return (source & kTagMask) == static_cast<Word>(Tag::code) && ((source & 8) != 0) == place.is_y &&
           static_cast<uint32_t>(source >> 4) == place.offset;
}

}  // namespace

/// The low 64 bits of a number; anything else goes to `other`.
void Emitter::load_low_bits(Gp to, Word source, Label other) {
    if (is_constant(source)) {
        uint64_t bits = 0;
        low_bits(source, &bits);
        return constant(to, bits);
    }
    const Label done = a_.newLabel();
    const Gp term = load_source(source, to);
    const Label big = cold([this, to, term, other, done] {
        const Label positive = a_.newLabel();
        jump_unless_tag(term, Tag::boxed, rdx, other);
        load_kind(rdx, term);
        a_.cmp(edx, static_cast<int32_t>(make_header(Kind::bignum, 0)));
        a_.jne(other);
        a_.test(dword_ptr(term, layout::kHeader + 4), 1);
        a_.mov(to, qword_ptr(term, layout::kHeader + 8));
        a_.jz(positive);
        a_.neg(to);
        bind(positive);
        a_.jmp(done);
    });
    jump_unless_small(term, rdx, big);
    if (to != term) a_.mov(to, term);
    a_.sar(to, static_cast<int32_t>(kTagBits));
    bind(done);
}

/// Operations from number `first` on that make one result and end in a mask are done without the large numbers between them. Returns how
/// many; 0: this is none of that.
size_t Emitter::masked(size_t first) {
    using Kind = RingOperation::Kind;
    constexpr size_t kMost = 8;
    RingOperation chain[kMost];
    size_t count = 0;
    uint64_t mask = 0;
    bool is_large = false;
    for (size_t k = first; k < operations_.size() && k - first < kMost; ++k) {
        const Word* at = block_.code() + operations_[k].at;
        const RingOperation o = ring_operation(operations_[k], at);
        if (o.kind == Kind::none || (k > first && labels_[operations_[k].at].isValid())) break;
        uint64_t bits = 0;
        if ((is_constant(o.a) && !low_bits(o.a, &bits)) || (is_constant(o.b) && !low_bits(o.b, &bits))) break;
        if (o.kind == Kind::bsl && (!is_small_constant(o.b) || Term(o.b).to_small() < 0 || Term(o.b).to_small() > 63))
            break;
        if (k > first) {
            const Place last = chain[k - first - 1].to;
            if ((!names(o.a, last) && !names(o.b, last)) || o.to.is_y != last.is_y || o.to.offset != last.offset) break;
        }
        is_large = is_large || o.kind == Kind::mul || o.kind == Kind::bsl;
        chain[k - first] = o;
        uint64_t found = 0;
        if (is_mask(o, &found)) {
            mask = found;
            count = k - first + 1;
        }
    }
    if (count < 2 || !is_large) return 0;
    const Place to = chain[count - 1].to;
    const Label done = a_.newLabel();
    const Label other = cold([this, first, count, done] {
        for (size_t k = first; k < first + count; ++k) emit_operation(k);
        a_.jmp(done);
    });
    load_low_bits(rax, chain[0].a, other);
    for (size_t k = 0; k < count; ++k) {
        const RingOperation& o = chain[k];
        Gp left = rax, right = rcx;
        if (k == 0) {
            if (o.kind != Kind::bsl) load_low_bits(rcx, o.b, other);
        } else {
            const Place last = chain[k - 1].to;
            if (names(o.a, last) && names(o.b, last)) {
                right = rax;
            } else if (names(o.b, last)) {
                load_low_bits(rcx, o.a, other);
                std::swap(left, right);
            } else if (o.kind != Kind::bsl) {
                load_low_bits(rcx, o.b, other);
            }
        }
        switch (o.kind) {
            case Kind::add: a_.add(left, right); break;
            case Kind::sub: a_.sub(left, right); break;
            case Kind::mul: a_.imul(left, right); break;
            case Kind::band: a_.and_(left, right); break;
            case Kind::bor: a_.or_(left, right); break;
            case Kind::bxor: a_.xor_(left, right); break;
            case Kind::bsl: a_.shl(left, static_cast<int32_t>(Term(o.b).to_small())); break;
            case Kind::none: LINTEL_UNREACHABLE();
        }
        if (left != rax) a_.mov(rax, left);
    }
    constexpr unsigned kSmallBits = 60;  // of a small integer that is not negative
    if (mask >> kSmallBits != 0) {
        const Label big = cold([this, to, other, done] {
            a_.lea(rdx, qword_ptr(reg::kStack, -static_cast<int32_t>(8 * (2 + kStackSlackWords))));
            a_.cmp(rdx, reg::kHeap);
            a_.jb(other);
            write_word(qword_ptr(reg::kHeap), make_header(lintel::Kind::bignum, 1), rdx);
            a_.mov(qword_ptr(reg::kHeap, 8), rax);
            make_boxed(to, 2);
            a_.jmp(done);
        });
        a_.mov(rdx, rax);
        a_.shr(rdx, kSmallBits);
        a_.jnz(big);
    }
    a_.shl(rax, static_cast<int32_t>(kTagBits));
    a_.or_(rax, kSmallTag);
    store(to, rax);
    bind(done);
    return count;
}

// ---- floats

/// The F register's machine register, or `scratch` with its value.
Xmm Emitter::load_float(unsigned n, Xmm scratch) {
    if (n < reg::kFloats) return xmm(8 + n);
    load_file();
    a_.movsd(scratch, qword_ptr(reg::kFile, layout::kF + 8 * static_cast<int32_t>(n)));
    return scratch;
}
void Emitter::store_float(unsigned n, Xmm value) {
    if (n < reg::kFloats) {
        if (value != xmm(8 + n)) a_.movapd(xmm(8 + n), value);
        return;
    }
    load_file();
    a_.movsd(qword_ptr(reg::kFile, layout::kF + 8 * static_cast<int32_t>(n)), value);
}

/// A word that is a float by its tag.
void Emitter::jump_unless_self_tagged(Gp term, Gp scratch, Label to) {
    a_.lea(scratch.r32(), dword_ptr(term, 1));
    a_.and_(scratch.r32(), 6);
    a_.cmp(scratch.r32(), 4);
    a_.jne(to);
}

void Emitter::load_self_tagged(Xmm to, Gp term) {
    a_.mov(rax, term);
    a_.ror(rax, 4);
    a_.movq(to, rax);
}

/// Anything else than a float ends the process; see check_cons.
void Emitter::emit(const ops::check_float& op) {
    const Label done = a_.newLabel();
    const Gp term = load_source(op.from, rcx);
    const Label other = cold([this, term, done] {
        for (const Special zero : {Special::positive_zero, Special::negative_zero}) {
            a_.cmp(term, static_cast<int32_t>(special_word(zero)));
            a_.je(done);
        }
        jump_unless_tag(term, Tag::boxed, rax, leaving());
        load_kind(rax, term);
        jump_unless_kinds(Kind::boxed_float, Kind::boxed_float, leaving());
        a_.jmp(done);
    });
    jump_unless_self_tagged(term, rax, other);
    bind(done);
}

void Emitter::emit(const ops::fload& op) {
    if (is_constant(op.from)) {
        // In wrong code, which check_float keeps from coming this far.
        if (!Term(op.from).is_float()) return leave();
        constant(rax, std::bit_cast<Word>(to_double(Term(op.from))));
        a_.movq(xmm0, rax);
        return store_float(op.to, xmm0);
    }
    const Label done = a_.newLabel();
    const unsigned to = op.to;
    const Gp term = load_source(op.from, rcx);
    const Label other = cold([this, term, to, done] {
        const Label boxed = a_.newLabel();
        jump_unless_tag(term, Tag::immediate, rax, boxed);
        // Zeros: 0x8000000000000000 for the negative one.
        a_.xor_(eax, eax);
        a_.cmp(term, static_cast<int32_t>(special_word(Special::negative_zero)));
        a_.sete(al);
        a_.ror(rax, 1);
        a_.movq(xmm0, rax);
        store_float(to, xmm0);
        a_.jmp(done);
        bind(boxed);
        a_.movsd(xmm0, qword_ptr(term, layout::kHeader + 8));
        store_float(to, xmm0);
        a_.jmp(done);
    });
    jump_unless_self_tagged(term, rax, other);
    load_self_tagged(xmm0, term);
    store_float(to, xmm0);
    bind(done);
}

void Emitter::emit(const ops::fstore& op) {
    const Label done = a_.newLabel();
    const Place to = place_of(op.to);
    const unsigned from = op.from;
    a_.movq(rax, load_float(from, xmm0));
    a_.rol(rax, 4);
    const Label other = cold([this, to, from, done] {
        const Label positive = a_.newLabel(), negative = a_.newLabel();
        a_.test(rax, rax);
        a_.jz(positive);
        a_.cmp(rax, 8);
        a_.je(negative);
        write_word(qword_ptr(reg::kHeap), make_header(Kind::boxed_float, 1), rax);
        a_.movsd(qword_ptr(reg::kHeap, 8), load_float(from, xmm0));
        make_boxed(to, kBoxedFloatWords);
        a_.jmp(done);
        bind(positive);
        store_constant(to, special_word(Special::positive_zero));
        a_.jmp(done);
        bind(negative);
        store_constant(to, special_word(Special::negative_zero));
        a_.jmp(done);
    });
    jump_unless_self_tagged(rax, rcx, other);
    store(to, rax);
    bind(done);
}

void Emitter::emit(const ops::fmove& op) { store_float(op.to, load_float(op.from, xmm0)); }

void Emitter::emit(const ops::fnegate& op) {
    a_.xorpd(xmm0, xmm0);
    a_.subsd(xmm0, load_float(op.a, xmm1));
    store_float(op.to, xmm0);
}

void Emitter::emit(const ops::fconv& op) {
    if (is_constant(op.from)) return convert_constant(op);
    const Label done = a_.newLabel(), real = a_.newLabel();
    const unsigned to = op.to;
    const Gp term = load_source(op.from, rcx);
    jump_unless_small(term, rax, real);
    a_.mov(rax, term);
    a_.sar(rax, static_cast<int32_t>(kTagBits));
    a_.xorps(xmm0, xmm0);
    a_.cvtsi2sd(xmm0, rax);
    store_float(to, xmm0);
    a_.jmp(done);
    bind(real);
    const Label other = cold([this, &op, done] {
        call_fast(op);
        a_.jmp(done);
    });
    jump_unless_self_tagged(term, rax, other);
    load_self_tagged(xmm0, term);
    store_float(to, xmm0);
    bind(done);
}

/// A number in the code.
void Emitter::convert_constant(const ops::fconv& op) {
    const Term number(op.from);
    if (!number.is_small() && !number.is_float()) return leave();
    const double d = number.is_small() ? static_cast<double>(number.to_small()) : to_double(number);
    constant(rax, std::bit_cast<Word>(d));
    a_.movq(xmm0, rax);
    store_float(op.to, xmm0);
}

/// An infinity or what is no number raises, in the interpreter.
template <typename F>
void Emitter::float_operation(unsigned a, unsigned b, unsigned to, F operate) {
    a_.movapd(xmm0, load_float(a, xmm0));
    operate(load_float(b, xmm1));
    a_.movapd(xmm2, xmm0);
    a_.subsd(xmm2, xmm0);
    a_.ucomisd(xmm2, xmm2);  // no number, unless it was finite
    a_.jp(leaving());
    store_float(to, xmm0);
}
void Emitter::emit(const ops::fadd& op) {
    float_operation(op.a, op.b, op.to, [this](Xmm b) { a_.addsd(xmm0, b); });
}
void Emitter::emit(const ops::fsub& op) {
    float_operation(op.a, op.b, op.to, [this](Xmm b) { a_.subsd(xmm0, b); });
}
void Emitter::emit(const ops::fmul& op) {
    float_operation(op.a, op.b, op.to, [this](Xmm b) { a_.mulsd(xmm0, b); });
}
void Emitter::emit(const ops::fdiv& op) {
    float_operation(op.a, op.b, op.to, [this](Xmm b) { a_.divsd(xmm0, b); });
}

}  // namespace lintel::x86_64
