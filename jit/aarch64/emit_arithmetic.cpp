#include <algorithm>
#include <bit>

#include <asmjit/arm/a64utils.h>

#include "jit/aarch64/emit_calls.h"
#include "vm/runtime_arith.h"

/// Arithmetic: small integers here, the rest by the functions that the interpreter calls. Floats in registers.

namespace lintel::aarch64 {

using namespace asmjit::a64;

// ---- integers

/// The C++ function on a and b; the result goes to `to`, and control to `done`. What raises is the interpreter's to do again.
Label Emitter::slow_arithmetic(Word a, Word b, Place to, Label done, Arithmetic slow) {
    return cold([this, a, b, to, done, slow] {
        const Label other = a_.newLabel();
        float_arithmetic(a, b, to, done, other, slow);
        bind(other);
        load_source_into(x1, a);
        load_source_into(x2, b);
        call_out(reinterpret_cast<const void*>(slow));
        a_.cbz(x0, leaving());
        settle();
        store(to, x0);
        a_.b(done);
    });
}

/// Floats by their tags whose result is one, too. Anything else goes to `other`.
void Emitter::float_arithmetic(Word a, Word b, Place to, Label done, Label other, Arithmetic slow) {
    if (slow != arith_add && slow != arith_sub && slow != arith_mul) return;
    const Gp x = load_source(a, x10), y = load_source(b, x11);
    jump_unless_self_tagged(x, x9, other);
    jump_unless_self_tagged(y, x9, other);
    load_self_tagged(d0, x, x9);
    load_self_tagged(d1, y, x9);
    if (slow == arith_add) {
        a_.fadd(d0, d0, d1);
    } else if (slow == arith_sub) {
        a_.fsub(d0, d0, d1);
    } else {
        a_.fmul(d0, d0, d1);
    }
    a_.fmov(x9, d0);
    a_.ror(x9, x9, 60);
    jump_unless_self_tagged(x9, x10, other);
    store(to, x9);
    a_.b(done);
}

namespace {

/// The most that adds and subs take besides multiples of 4096.
constexpr int64_t kMostShort = 4095;

}  // namespace

void Emitter::sum(Sum kind, Word a, Word b, Place to, Arithmetic slow) {
    const Label done = a_.newLabel();
    if (kind == Sum::add && is_small_constant(a)) std::swap(a, b);
    const Label other = slow_arithmetic(a, b, to, done, slow);
    if (is_small_constant(b) && !is_constant(a)) {
        const auto difference = static_cast<int64_t>(b - kTagMask);  // without its tag
        const Gp x = load_source(a, x10);
        jump_unless_small(x, x9, other);
        const bool up = (kind == Sum::add) == (difference >= 0);
        if (difference >= -kMostShort && difference <= kMostShort) {
            const int64_t size = difference < 0 ? -difference : difference;
            up ? a_.adds(x9, x, size) : a_.subs(x9, x, size);
        } else {
            constant(x11, static_cast<Word>(difference));
            kind == Sum::add ? a_.adds(x9, x, x11) : a_.subs(x9, x, x11);
        }
        a_.b_vs(other);
    } else {
        const Gp x = load_source(a, x10), y = load_source(b, x11);
        jump_unless_both_small(x, y, x9, other);
        if (kind == Sum::add) {
            a_.sub(x9, x, kTagMask);
            a_.adds(x9, x9, y);
            a_.b_vs(other);
        } else {
            a_.subs(x9, x, y);
            a_.b_vs(other);
            a_.add(x9, x9, kTagMask);
        }
    }
    store(to, x9);
    bind(done);
}

void Emitter::bitwise(Bits kind, Word a, Word b, Place to, Arithmetic slow) {
    const Label done = a_.newLabel();
    const Label other = slow_arithmetic(a, b, to, done, slow);
    if (is_small_constant(a)) std::swap(a, b);
    const Gp x = load_source(a, x10);
    Label large = other;
    if (kind == Bits::band && is_small_constant(b) && Term(b).to_small() >= 0) {
        large = cold([this, x, b, to, done, other] {
            load_large(x9, x, other);
            tag_small(x9, x9);
            constant(x11, b);
            a_.and_(x9, x9, x11);
            store(to, x9);
            a_.b(done);
        });
    }
    if (kind == Bits::band && is_small_constant(b) && Utils::isLogicalImm(b, 64)) {
        jump_unless_small(x, x9, large);
        a_.and_(x9, x, b);
    } else {
        const Gp y = load_source(b, x11);
        if (kind == Bits::band) {
            // The tag of the result is the tag of both.
            a_.and_(x9, x, y);
            jump_unless_small(x9, x12, large);
        } else {
            jump_unless_both_small(x, y, x9, other);
            if (kind == Bits::bor) {
                a_.orr(x9, x, y);
            } else {
                a_.eor(x9, x, y);
                a_.orr(x9, x9, kTagMask);
            }
        }
    }
    store(to, x9);
    bind(done);
}

void Emitter::multiply(Word a, Word b, Place to) {
    const Label done = a_.newLabel();
    if (is_small_constant(a)) std::swap(a, b);
    const Label other = slow_arithmetic(a, b, to, done, arith_mul);
    const Gp x = load_source(a, x10);
    if (is_small_constant(b)) {
        jump_unless_small(x, x9, other);
        constant(x11, static_cast<Word>(Term(b).to_small()));
    } else {
        const Gp y = load_source(b, x11);
        jump_unless_both_small(x, y, x9, other);
        a_.asr(x11, y, kTagBits);
    }
    a_.and_(x10, x, ~kTagMask);
    a_.mul(x9, x10, x11);
    a_.smulh(x12, x10, x11);
    a_.cmp(x12, x9, asr(63));
    a_.b_ne(other);
    a_.orr(x9, x9, kTagMask);
    store(to, x9);
    bind(done);
}

/// x9: the quotient or remainder of a number and a power of two, without dividing. x10.
void Emitter::divide_by_power(bool remainder, Gp number, unsigned bits) {
    if (bits == 0) {
        remainder ? a_.mov(x9, 0) : a_.mov(x9, number);
    } else if (remainder) {
        const Word mask = (Word{1} << bits) - 1;
        a_.negs(x10, number);
        a_.and_(x9, number, mask);
        a_.and_(x10, x10, mask);
        a_.csneg(x9, x9, x10, CondCode::kMI);
    } else {
        // Towards zero.
        a_.asr(x10, number, 63);
        a_.add(x9, number, x10, lsr(64 - bits));
        a_.asr(x9, x9, bits);
    }
}

/// Quotient or remainder. By -1 a quotient may be too large, by 0 there is none.
void Emitter::divide(bool remainder, Word a, Word b, Place to) {
    const Label done = a_.newLabel();
    const Label other = slow_arithmetic(a, b, to, done, remainder ? arith_int_rem : arith_int_div);
    const Gp x = load_source(a, x10);
    const int64_t divisor = is_small_constant(b) ? Term(b).to_small() : 0;
    if (divisor > 0 && std::has_single_bit(static_cast<uint64_t>(divisor))) {
        jump_unless_small(x, x9, other);
        a_.asr(x11, x, kTagBits);
        divide_by_power(remainder, x11, static_cast<unsigned>(std::countr_zero(static_cast<uint64_t>(divisor))));
    } else {
        const Gp y = load_source(b, x11);
        jump_unless_both_small(x, y, x9, other);
        a_.asr(x10, x, kTagBits);
        a_.asr(x11, y, kTagBits);
        if (divisor == 0 || divisor == -1) {
            a_.cbz(x11, other);
            a_.cmn(x11, 1);
            a_.b_eq(other);
        }
        a_.sdiv(x9, x10, x11);
        if (remainder) a_.msub(x9, x9, x11, x10);
    }
    tag_small(x9, x9);
    store(to, x9);
    bind(done);
}

void Emitter::shift_left(Word a, Word b, Place to) {
    constexpr int64_t kMost = 60;
    const Label done = a_.newLabel();
    const Label other = slow_arithmetic(a, b, to, done, arith_bsl);
    const bool is_known = is_small_constant(b);
    const int64_t known = is_known ? Term(b).to_small() : 0;
    if (known < 0 || known >= kMost) {
        a_.b(other);
        return bind(done);
    }
    const Gp x = load_source(a, x10);
    if (is_known) {
        jump_unless_small(x, x9, other);
        a_.and_(x10, x, ~kTagMask);
        a_.lsl(x9, x10, known);
        a_.asr(x12, x9, known);
    } else {
        const Gp n = load_source(b, x11);
        jump_unless_both_small(x, n, x9, other);
        a_.asr(x11, n, kTagBits);
        a_.cmp(x11, kMost);
        a_.b_hs(other);
        a_.and_(x10, x, ~kTagMask);
        a_.lsl(x9, x10, x11);
        a_.asr(x12, x9, x11);
    }
    a_.cmp(x12, x10);
    a_.b_ne(other);
    a_.orr(x9, x9, kTagMask);
    store(to, x9);
    bind(done);
}

void Emitter::shift_right(Word a, Word b, Place to) {
    constexpr int64_t kMost = 63;
    const Label done = a_.newLabel();
    const Label other = slow_arithmetic(a, b, to, done, arith_bsr);
    const bool is_known = is_small_constant(b);
    const int64_t known = is_known ? Term(b).to_small() : 0;
    if (known < 0) {
        a_.b(other);
        return bind(done);
    }
    const Gp x = load_source(a, x10);
    if (is_known) {
        Label large = other;
        if (known > static_cast<int64_t>(kTagBits) && known <= kMost) {
            large = cold([this, x, n = known, to, done, other] {
                load_large(x9, x, other);
                a_.lsr(x9, x9, n - static_cast<int64_t>(kTagBits));
                a_.orr(x9, x9, kTagMask);
                store(to, x9);
                a_.b(done);
            });
        }
        jump_unless_small(x, x9, large);
        a_.asr(x9, x, std::min(known, kMost));
    } else {
        const Gp n = load_source(b, x11);
        jump_unless_both_small(x, n, x9, other);
        a_.asr(x11, n, kTagBits);
        a_.cmp(x11, kMost);
        a_.b_hi(other);
        a_.asr(x9, x, x11);
    }
    a_.orr(x9, x9, kTagMask);
    store(to, x9);
    bind(done);
}

// ---- arithmetic modulo 2^64

/// The low 64 bits of a number; anything else goes to `other`. x11.
void Emitter::load_low_bits(Gp to, Word source, Label other) {
    if (is_constant(source)) {
        uint64_t bits = 0;
        low_bits(source, &bits);
        return constant(to, bits);
    }
    const Label done = a_.newLabel();
    const Gp term = load_source(source, to);
    const Label big = cold([this, to, term, other, done] {
        jump_unless_tag(term, Tag::boxed, x11, other);
        load_kind(x11, term);
        jump_unless_kinds(x11, Kind::bignum, Kind::bignum, other);
        a_.ldur(w11, ptr(term, layout::kHeader + 4));
        read(to, term, layout::kHeader + 8);
        a_.tst(w11, 1);
        a_.cneg(to, to, CondCode::kNE);
        a_.b(done);
    });
    jump_unless_small(term, x11, big);
    a_.asr(to, term, kTagBits);
    bind(done);
}

/// A number of 2^60 to 2^64 - 1; anything else goes to `other`. x11.
void Emitter::load_large(Gp to, Gp term, Label other) {
    jump_unless_tag(term, Tag::boxed, x11, other);
    read(x11, term, layout::kHeader);
    a_.cmp(x11, make_header(Kind::bignum, 1));
    a_.b_ne(other);
    read(to, term, layout::kHeader + 8);
}

/// In x9.
void Emitter::emit_chain(const RingChain& chain, Label done, Label other) {
    using Kind = RingOperation::Kind;
    const Place to = chain.operations[chain.count - 1].to;
    load_low_bits(x9, chain.operations[0].a, other);
    for (size_t k = 0; k < chain.count; ++k) {
        const RingOperation& o = chain.operations[k];
        Gp left = x9, right = x10;
        if (k == 0) {
            if (o.kind != Kind::bsl) load_low_bits(x10, o.b, other);
        } else {
            const Place last = chain.operations[k - 1].to;
            if (names(o.a, last) && names(o.b, last)) {
                right = x9;
            } else if (names(o.b, last)) {
                load_low_bits(x10, o.a, other);
                std::swap(left, right);
            } else if (o.kind != Kind::bsl) {
                load_low_bits(x10, o.b, other);
            }
        }
        switch (o.kind) {
            case Kind::add: a_.add(x9, left, right); break;
            case Kind::sub: a_.sub(x9, left, right); break;
            case Kind::mul: a_.mul(x9, left, right); break;
            case Kind::band: a_.and_(x9, left, right); break;
            case Kind::bor: a_.orr(x9, left, right); break;
            case Kind::bxor: a_.eor(x9, left, right); break;
            case Kind::bsl: a_.lsl(x9, left, Term(o.b).to_small()); break;
            case Kind::none: LINTEL_UNREACHABLE();
        }
    }
    constexpr unsigned kSmallBits = 60;  // of a small integer that is not negative
    if (chain.mask >> kSmallBits != 0) {
        const Label big = cold([this, to, other, done] {
            add(x11, reg::kStack, -static_cast<int64_t>(8 * (2 + kStackSlackWords)));
            a_.cmp(x11, reg::kHeap);
            a_.b_lo(other);
            constant(x11, make_header(lintel::Kind::bignum, 1));
            a_.stp(x11, x9, ptr(reg::kHeap));
            make_boxed(to, 2);
            a_.b(done);
        });
        a_.lsr(x11, x9, kSmallBits);
        a_.cbnz(x11, big);
    }
    tag_small(x9, x9);
    store(to, x9);
    bind(done);
}

// ---- floats

/// The F register's machine register, or `scratch` with its value.
Vec Emitter::load_float(unsigned n, Vec scratch) {
    if (n < kMachineFloats) return d(reg::kFirstFloat + n);
    load_file();
    a_.ldr(scratch, word_at(reg::kFile, layout::kF + 8 * int64_t{n}));
    return scratch;
}
void Emitter::store_float(unsigned n, Vec value) {
    if (n < kMachineFloats) {
        if (value != d(reg::kFirstFloat + n)) a_.fmov(d(reg::kFirstFloat + n), value);
        return;
    }
    load_file();
    a_.str(value, word_at(reg::kFile, layout::kF + 8 * int64_t{n}));
}

/// A word that is a float by its tag.
void Emitter::jump_unless_self_tagged(Gp term, Gp scratch, Label to) {
    static_assert(static_cast<int>(Tag::float_low) == 3 && static_cast<int>(Tag::float_high) == 4);
    a_.add(scratch.w(), term.w(), 1);
    a_.and_(scratch.w(), scratch.w(), 6);
    a_.cmp(scratch.w(), 4);
    a_.b_ne(to);
}

void Emitter::load_self_tagged(Vec to, Gp term, Gp scratch) {
    a_.ror(scratch, term, 4);
    a_.fmov(to, scratch);
}

/// Zeros and boxed floats.
void Emitter::load_other_float(Gp term, unsigned to, Label other) {
    const Label boxed = a_.newLabel(), done = a_.newLabel();
    jump_unless_tag(term, Tag::immediate, x9, boxed);
    static_assert(special_word(Special::positive_zero) < special_word(Special::negative_zero));
    for (const Special zero : {Special::positive_zero, Special::negative_zero}) {
        const Label next = zero == Special::negative_zero ? other : a_.newLabel();
        compare_constant(term, special_word(zero));
        a_.b_ne(next);
        load_float_constant(to, zero == Special::negative_zero ? -0.0 : 0.0);
        a_.b(done);
        if (next != other) bind(next);
    }
    bind(boxed);
    jump_unless_tag(term, Tag::boxed, x9, other);
    load_kind(x9, term);
    jump_unless_kinds(x9, Kind::boxed_float, Kind::boxed_float, other);
    a_.ldr(d0, word_at(term, layout::kHeader + 8));
    store_float(to, d0);
    bind(done);
}

void Emitter::load_float_constant(unsigned to, double value) {
    constant(x9, std::bit_cast<Word>(value));
    a_.fmov(d0, x9);
    store_float(to, d0);
}

/// Anything else than a float ends the process; see check_cons.
void Emitter::emit(const ops::check_float& op) {
    if (known_double(op.from) || leave_check_to_load(op.from)) return;
    const Label done = a_.newLabel();
    const Gp term = load_source(op.from, x10);
    const Label other = cold([this, term, done] {
        for (const Special zero : {Special::positive_zero, Special::negative_zero}) {
            compare_constant(term, special_word(zero));
            a_.b_eq(done);
        }
        jump_unless_tag(term, Tag::boxed, x9, leaving());
        load_kind(x9, term);
        jump_unless_kinds(x9, Kind::boxed_float, Kind::boxed_float, leaving());
        a_.b(done);
    });
    jump_unless_self_tagged(term, x9, other);
    bind(done);
}

void Emitter::emit(const ops::fload& op) {
    if (is_constant(op.from)) {
        // In wrong code, which check_float keeps from coming this far.
        if (!Term(op.from).is_float()) return leave();
        return load_float_constant(op.to, to_double(Term(op.from)));
    }
    const unsigned to = op.to;
    if (const auto known = known_double(op.from)) return store_float(to, load_float(*known, d0));
    const Label done = a_.newLabel();
    const Gp term = load_source(op.from, x10);
    const Label other = cold([this, term, to, done, wrong = take_failed_check()] {
        load_other_float(term, to, wrong);
        a_.b(done);
    });
    jump_unless_self_tagged(term, x9, other);
    load_self_tagged(d0, term, x9);
    store_float(to, d0);
    bind(done);
}

void Emitter::emit(const ops::fstore& op) {
    const Label done = a_.newLabel();
    const Place to = place_of(op.to);
    const unsigned from = op.from;
    a_.fmov(x9, load_float(from, d0));
    a_.ror(x9, x9, 60);
    const Label other = cold([this, to, from, done] {
        const Label positive = a_.newLabel(), negative = a_.newLabel();
        a_.cbz(x9, positive);
        a_.cmp(x9, 8);
        a_.b_eq(negative);
        write_word(reg::kHeap, 0, make_header(Kind::boxed_float, 1), x9);
        a_.str(load_float(from, d0), ptr(reg::kHeap, 8));
        make_boxed(to, kBoxedFloatWords);
        a_.b(done);
        bind(positive);
        store_constant(to, special_word(Special::positive_zero));
        a_.b(done);
        bind(negative);
        store_constant(to, special_word(Special::negative_zero));
        a_.b(done);
    });
    jump_unless_self_tagged(x9, x10, other);
    store(to, x9);
    bind(done);
}

void Emitter::emit(const ops::fmove& op) { store_float(op.to, load_float(op.from, d0)); }

void Emitter::emit(const ops::fnegate& op) {
    a_.fmov(d0, xzr);
    a_.fsub(d0, d0, load_float(op.a, d1));
    store_float(op.to, d0);
}

void Emitter::emit(const ops::fconv& op) {
    const unsigned to = op.to;
    if (is_constant(op.from)) {
        const Term number(op.from);
        if (!number.is_small() && !number.is_float()) return leave();
        return load_float_constant(to, number.is_small() ? static_cast<double>(number.to_small()) : to_double(number));
    }
    if (const auto known = known_double(op.from)) return store_float(to, load_float(*known, d0));
    const Label done = a_.newLabel(), real = a_.newLabel();
    const Gp term = load_source(op.from, x10);
    jump_unless_small(term, x9, real);
    a_.asr(x9, term, kTagBits);
    a_.scvtf(d0, x9);
    store_float(to, d0);
    a_.b(done);
    bind(real);
    const Label other = cold([this, term, to, done] {
        load_other_float(term, to, leaving());
        a_.b(done);
    });
    jump_unless_self_tagged(term, x9, other);
    load_self_tagged(d0, term, x9);
    store_float(to, d0);
    bind(done);
}

void Emitter::test_finite(Vec value, Label other) {
    a_.fsub(d1, value, value);
    a_.fcmp(d1, d1);  // no number, unless it was finite
    a_.b_vs(other);
}
void Emitter::emit_finite_test(unsigned number, Label other) { test_finite(load_float(number, d0), other); }

template <typename F>
void Emitter::float_operation(unsigned a, unsigned b, unsigned to, F operate) {
    const Vec x = load_float(a, d0), y = load_float(b, d1);
    if (!tests_at_once()) return operate(d(reg::kFirstFloat + to), x, y);
    operate(d0, x, y);
    test_finite(d0, leaving());
    store_float(to, d0);
}
void Emitter::emit(const ops::fadd& op) {
    float_operation(op.a, op.b, op.to, [this](Vec r, Vec a, Vec b) { a_.fadd(r, a, b); });
}
void Emitter::emit(const ops::fsub& op) {
    float_operation(op.a, op.b, op.to, [this](Vec r, Vec a, Vec b) { a_.fsub(r, a, b); });
}
void Emitter::emit(const ops::fmul& op) {
    float_operation(op.a, op.b, op.to, [this](Vec r, Vec a, Vec b) { a_.fmul(r, a, b); });
}
void Emitter::emit(const ops::fdiv& op) {
    float_operation(op.a, op.b, op.to, [this](Vec r, Vec a, Vec b) { a_.fdiv(r, a, b); });
}

#include "jit/forms_arithmetic.inc"

}  // namespace lintel::aarch64
