/// Addition, multiplication and division of any two numbers.
///
/// Integers up to 61 bits are immediate; longer ones are sign and magnitude, 64-bit limbs on the heap, never a value that would
/// fit the immediate. Each operation tries in this order:
///
///   1. two small integers: machine arithmetic; the result is small or has one or two limbs;
///   2. operands of at most one limb: 128-bit arithmetic. Random number generators and hashes of 64 bits live here;
///   3. integers of any size: GMP's mpn functions on the limbs where they lie, the result computed in its place in the heap,
///      the words that it did not need given back;
///   4. a float among them: both become floats.
///
/// Magnitudes never alias results: operands are immutable and results are new memory.

#include "vm/runtime_arith.h"

#include "vm/integer_p.h"
#include "vm/runtime_number.h"
#include "vm/scratch.h"

namespace lintel {

namespace {

mp_size_t gmp_size(size_t limbs) { return static_cast<mp_size_t>(limbs); }

/// Two numbers, at least one of them a float (or no number at all).
template <typename F>
Term float_arith(ExecState& p, Term a, Term b, F f) {
    double x = 0;
    double y = 0;
    if (!number_to_double(a, &x) || !number_to_double(b, &y)) return p.badarith();
    return make_finite_float(p, f(x, y));
}

/// a + b, or a - b if `subtract`.
Term add_integers(ExecState& p, const IntegerView& a, const IntegerView& b, bool subtract) {
    const bool b_negative = b.negative() != subtract;
    if (a.size() <= 1 && b.size() <= 1) {
        const Word x = a.low();
        const Word y = b.low();
        if (a.negative() == b_negative) return make_integer(p, Wide{x} + y, b_negative);
        return x >= y ? make_integer(p, Wide{x - y}, a.negative()) : make_integer(p, Wide{y - x}, b_negative);
    }
    const bool a_first = compare_magnitudes(a, b) >= 0;
    const IntegerView& large = a_first ? a : b;
    const IntegerView& little = a_first ? b : a;
    const bool negative = a_first ? a.negative() : b_negative;
    const size_t n = large.size();
    charge_limbs(p, n);
    if (a.negative() == b_negative) {
        IntegerResult result(p, n + 1);
        const Word carry =
            mpn_add(result.gmp_limbs(), gmp(large.limbs()), gmp_size(n), gmp(little.limbs()), gmp_size(little.size()));
        result.limbs()[n] = carry;
        return result.finish(n + 1, negative);
    }
    IntegerResult result(p, n);
    mpn_sub(result.gmp_limbs(), gmp(large.limbs()), gmp_size(n), gmp(little.limbs()), gmp_size(little.size()));
    return result.finish(n, negative);
}

Term multiply_integers(ExecState& p, const IntegerView& a, const IntegerView& b) {
    const bool negative = a.negative() != b.negative();
    if (a.size() <= 1 && b.size() <= 1) return make_integer(p, Wide{a.low()} * b.low(), negative);
    const bool a_first = a.size() >= b.size();
    const IntegerView& large = a_first ? a : b;
    const IntegerView& little = a_first ? b : a;
    if (little.is_zero()) return Term::small(0);
    const size_t n = large.size() + little.size();
    // The product has n or n - 1 limbs: known to be too large before the work is done.
    if (n > kMaxBignumLimbs + 1) return p.system_limit();
    charge_product(p, large.size(), little.size());
    IntegerResult result(p, n);
    mp_limb_t* to = result.gmp_limbs();
    if (little.size() == 1) {
        result.limbs()[n - 1] = mpn_mul_1(to, gmp(large.limbs()), gmp_size(large.size()), little.low());
    } else if (a.limbs() == b.limbs()) {
        mpn_sqr(to, gmp(a.limbs()), gmp_size(a.size()));
    } else {
        mpn_mul(to, gmp(large.limbs()), gmp_size(large.size()), gmp(little.limbs()), gmp_size(little.size()));
    }
    return result.finish(n, negative);
}

constexpr size_t kScratchLimbs = 64;
using Limbs = ScratchArray<mp_limb_t, kScratchLimbs>;

/// Quotient of magnitudes, |a| >= |b|, b of at least one limb, a of at least two.
Term quotient(ExecState& p, const IntegerView& a, const IntegerView& b) {
    const bool negative = a.negative() != b.negative();
    const size_t n = a.size() - b.size() + 1;
    charge_product(p, n, b.size());
    Limbs remainder(b.size());
    if (!remainder) return p.system_limit();
    IntegerResult result(p, n);
    if (b.size() == 1) {
        mpn_divrem_1(result.gmp_limbs(), 0, gmp(a.limbs()), gmp_size(a.size()), b.low());
    } else {
        mpn_tdiv_qr(result.gmp_limbs(), remainder.data(), 0, gmp(a.limbs()), gmp_size(a.size()), gmp(b.limbs()),
                    gmp_size(b.size()));
    }
    return result.finish(n, negative);
}

/// Remainder of magnitudes, on the same conditions.
Term remainder(ExecState& p, const IntegerView& a, const IntegerView& b) {
    const size_t n = a.size() - b.size() + 1;
    charge_product(p, n, b.size());
    if (b.size() == 1) {
        return make_integer(p, Wide{mpn_mod_1(gmp(a.limbs()), gmp_size(a.size()), b.low())}, a.negative());
    }
    Limbs whole(n);
    if (!whole) return p.system_limit();
    IntegerResult result(p, b.size());
    mpn_tdiv_qr(whole.data(), result.gmp_limbs(), 0, gmp(a.limbs()), gmp_size(a.size()), gmp(b.limbs()),
                gmp_size(b.size()));
    return result.finish(b.size(), a.negative());
}

}  // namespace

Term arith_add(ExecState& p, Term a, Term b) {
    if (Term::both_small(a, b)) return make_integer(p, a.to_small() + b.to_small());
    if (a.is_integer() && b.is_integer()) return add_integers(p, IntegerView(a), IntegerView(b), false);
    return float_arith(p, a, b, [](double x, double y) { return x + y; });
}

Term arith_sub(ExecState& p, Term a, Term b) {
    if (Term::both_small(a, b)) return make_integer(p, a.to_small() - b.to_small());
    if (a.is_integer() && b.is_integer()) return add_integers(p, IntegerView(a), IntegerView(b), true);
    return float_arith(p, a, b, [](double x, double y) { return x - y; });
}

Term arith_mul(ExecState& p, Term a, Term b) {
    if (Term::both_small(a, b)) {
        int64_t product;
        if (LINTEL_LIKELY(!__builtin_mul_overflow(a.to_small(), b.to_small(), &product)))
            return make_integer(p, product);
        return make_integer(p, SignedWide{a.to_small()} * b.to_small());
    }
    if (a.is_integer() && b.is_integer()) return multiply_integers(p, IntegerView(a), IntegerView(b));
    return float_arith(p, a, b, [](double x, double y) { return x * y; });
}

Term arith_divide(ExecState& p, Term a, Term b) {
    double x = 0;
    double y = 0;
    if (!number_to_double(a, &x) || !number_to_double(b, &y) || y == 0.0) return p.badarith();
    return make_finite_float(p, x / y);
}

Term arith_int_div(ExecState& p, Term a, Term b) {
    if (!a.is_integer() || !b.is_integer() || b == Term::small(0)) return p.badarith();
    // The quotient of two small integers has at most 61 bits, one more than its operands.
    if (Term::both_small(a, b)) return make_integer(p, a.to_small() / b.to_small());
    const IntegerView x(a);
    const IntegerView y(b);
    if (x.size() <= 1 && y.size() <= 1) return make_integer(p, Wide{x.low() / y.low()}, x.negative() != y.negative());
    if (compare_magnitudes(x, y) < 0) return Term::small(0);
    return quotient(p, x, y);
}

Term arith_int_rem(ExecState& p, Term a, Term b) {
    if (!a.is_integer() || !b.is_integer() || b == Term::small(0)) return p.badarith();
    if (Term::both_small(a, b)) return Term::small(a.to_small() % b.to_small());
    const IntegerView x(a);
    const IntegerView y(b);
    if (x.size() <= 1 && y.size() <= 1) return make_integer(p, Wide{x.low() % y.low()}, x.negative());
    if (compare_magnitudes(x, y) < 0) return a;
    return remainder(p, x, y);
}

Term arith_negate(ExecState& p, Term a) {
    if (a.is_small()) return make_integer(p, -a.to_small());
    if (a.is_float()) return make_finite_float(p, -to_double(a));
    if (!a.is_bignum()) return p.badarith();
    const IntegerView v(a);
    charge_limbs(p, v.size());
    IntegerResult result(p, v.size());
    std::memcpy(result.limbs(), v.limbs(), v.size() * kWordBytes);
    return result.finish(v.size(), !v.negative());
}

Term arith_plus(ExecState& p, Term a) { return a.is_number() ? a : p.badarith(); }

Term arith_abs(ExecState& p, Term a) {
    if (a.is_small()) return a.to_small() < 0 ? arith_negate(p, a) : a;
    // Not for -0.0, which stays what it is.
    if (a.is_float()) return to_double(a) < 0.0 ? arith_negate(p, a) : a;
    if (!a.is_bignum()) return p.badarg();
    return IntegerView(a).negative() ? arith_negate(p, a) : a;
}

Term arith_bnot(ExecState& p, Term a) {
    if (a.is_small()) return Term::small(~a.to_small());
    if (!a.is_bignum()) return p.badarith();
    return add_integers(p, IntegerView(Term::small(-1)), IntegerView(a), true);
}

}  // namespace lintel
