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
    Label large = other;
    if (kind == Bits::band && is_small_constant(b) && Term(b).to_small() >= 0) {
        large = cold([this, x, b, to, done, other] {
            load_large(rax, x, other);
            a_.shl(rax, static_cast<int32_t>(kTagBits));
            a_.or_(rax, kSmallTag);
            constant(rdx, b);
            a_.and_(rax, rdx);
            store(to, rax);
            a_.jmp(done);
        });
    }
    if (kind == Bits::band && is_small_constant(b) && fits_32(b)) {
        jump_unless_small(x, rdx, large);
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
            a_.jnz(large);
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
        const auto n = static_cast<int32_t>(std::min<int64_t>(Term(b).to_small(), 63));
        Label large = other;
        if (n > static_cast<int32_t>(kTagBits) && n == Term(b).to_small()) {
            large = cold([this, n, to, done, other] {
                load_large(rax, rax, other);
                a_.shr(rax, n - static_cast<int32_t>(kTagBits));
                a_.or_(rax, kSmallTag);
                store(to, rax);
                a_.jmp(done);
            });
        }
        jump_unless_small(rax, rdx, large);
        a_.sar(rax, n);
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

// ---- arithmetic modulo 2^64

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

/// A number of 2^60 to 2^64 - 1; anything else goes to `other`.
void Emitter::load_large(Gp to, Gp term, Label other) {
    jump_unless_tag(term, Tag::boxed, rdx, other);
    a_.cmp(qword_ptr(term, layout::kHeader), static_cast<int32_t>(make_header(Kind::bignum, 1)));
    a_.jne(other);
    a_.mov(to, qword_ptr(term, layout::kHeader + 8));
}

/// In rax.
void Emitter::emit_chain(const RingChain& chain, Label done, Label other) {
    using Kind = RingOperation::Kind;
    const Place to = chain.operations[chain.count - 1].to;
    load_low_bits(rax, chain.operations[0].a, other);
    for (size_t k = 0; k < chain.count; ++k) {
        const RingOperation& o = chain.operations[k];
        Gp left = rax, right = rcx;
        if (k == 0) {
            if (o.kind != Kind::bsl) load_low_bits(rcx, o.b, other);
        } else {
            const Place last = chain.operations[k - 1].to;
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
    if (chain.mask >> kSmallBits != 0) {
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
}

// ---- floats

/// The F register's machine register, or `scratch` with its value.
Xmm Emitter::load_float(unsigned n, Xmm scratch) {
    if (n < kMachineFloats) return xmm(reg::kFirstFloat + n);
    load_file();
    a_.movsd(scratch, qword_ptr(reg::kFile, layout::kF + 8 * static_cast<int32_t>(n)));
    return scratch;
}
void Emitter::store_float(unsigned n, Xmm value) {
    if (n < kMachineFloats) {
        if (value != xmm(reg::kFirstFloat + n)) a_.movapd(xmm(reg::kFirstFloat + n), value);
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
    if (known_double(op.from) || leave_check_to_load(op.from)) return;
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
        return load_constant(op.to, to_double(Term(op.from)));
    }
    const unsigned to = op.to;
    if (const auto known = known_double(op.from)) return store_float(to, load_float(*known, xmm0));
    const Label done = a_.newLabel();
    const Gp term = load_source(op.from, rcx);
    const Label other = cold([this, term, to, done, wrong = take_failed_check()] {
        const Label boxed = a_.newLabel(), negative = a_.newLabel();
        jump_unless_tag(term, Tag::immediate, rax, boxed);
        a_.cmp(term, static_cast<int32_t>(special_word(Special::negative_zero)));
        a_.je(negative);
        a_.cmp(term, static_cast<int32_t>(special_word(Special::positive_zero)));
        a_.jne(wrong);
        a_.xorps(xmm0, xmm0);
        store_float(to, xmm0);
        a_.jmp(done);
        bind(negative);
        a_.mov(rax, uint64_t{1} << 63);
        a_.movq(xmm0, rax);
        store_float(to, xmm0);
        a_.jmp(done);
        bind(boxed);
        jump_unless_tag(term, Tag::boxed, rax, wrong);
        load_kind(rax, term);
        jump_unless_kinds(Kind::boxed_float, Kind::boxed_float, wrong);
        a_.movsd(xmm0, qword_ptr(term, layout::kHeader + 8));
        store_float(to, xmm0);
        a_.jmp(done);
    });
    jump_unless_self_tagged(term, rax, other);
    const Xmm machine = to < kMachineFloats ? xmm(reg::kFirstFloat + to) : xmm0;
    load_self_tagged(machine, term);
    store_float(to, machine);
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
    if (const auto known = known_double(op.from)) return store_float(op.to, load_float(*known, xmm0));
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
    load_constant(op.to, number.is_small() ? static_cast<double>(number.to_small()) : to_double(number));
}

void Emitter::load_constant(unsigned to, double value) {
    const Xmm result = to < kMachineFloats ? xmm(reg::kFirstFloat + to) : xmm0;
    constant(rax, std::bit_cast<Word>(value));
    a_.movq(result, rax);
    store_float(to, result);
}

void Emitter::test_finite(Xmm value, Label other) {
    a_.movapd(xmm2, value);
    a_.subsd(xmm2, value);
    a_.ucomisd(xmm2, xmm2);  // no number, unless it was finite
    a_.jp(other);
}
void Emitter::emit_finite_test(unsigned number, Label other) { test_finite(load_float(number, xmm0), other); }

template <typename F>
void Emitter::float_operation(unsigned a, unsigned b, unsigned to, F operate) {
    if (!tests_at_once() && to == a) return operate(load_float(a, xmm0), load_float(b, xmm1));
    if (!tests_at_once() && to != b) {
        const Xmm result = xmm(reg::kFirstFloat + to);
        a_.movapd(result, load_float(a, xmm0));
        return operate(result, load_float(b, xmm1));
    }
    a_.movapd(xmm0, load_float(a, xmm0));
    operate(xmm0, load_float(b, xmm1));
    if (tests_at_once()) test_finite(xmm0, leaving());
    store_float(to, xmm0);
}
void Emitter::emit(const ops::fadd& op) {
    float_operation(op.a, op.b, op.to, [this](Xmm r, Xmm b) { a_.addsd(r, b); });
}
void Emitter::emit(const ops::fsub& op) {
    float_operation(op.a, op.b, op.to, [this](Xmm r, Xmm b) { a_.subsd(r, b); });
}
void Emitter::emit(const ops::fmul& op) {
    float_operation(op.a, op.b, op.to, [this](Xmm r, Xmm b) { a_.mulsd(r, b); });
}
void Emitter::emit(const ops::fdiv& op) {
    float_operation(op.a, op.b, op.to, [this](Xmm r, Xmm b) { a_.divsd(r, b); });
}

#include "jit/forms_arithmetic.inc"

}  // namespace lintel::x86_64
