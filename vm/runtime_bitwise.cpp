/// Bitwise operations. To them an integer is a row of bits that goes on without end, zeros above a non-negative number and
/// ones above a negative one; our bignums are sign and magnitude. So negative operands are complemented limb by limb as they are
/// read (invert, add one, carry on), and a negative result as it is written. One pass, no copies.

#include "vm/integer_p.h"
#include "vm/runtime_arith.h"

namespace lintel {

namespace {

constexpr uint64_t kMaxBignumBits = uint64_t{kMaxBignumLimbs} * kLimbBits;

/// Reads a magnitude as two's complement, lowest limb first.
class Complement {
public:
    explicit Complement(bool negative) : mask_(negative ? ~Word{0} : 0), carry_(negative ? 1 : 0) {}
    Word next(Word limb) {
        const Word x = (limb ^ mask_) + carry_;
        carry_ = carry_ & static_cast<Word>(x == 0);
        return x;
    }
    Word carry() const { return carry_; }

private:
    Word mask_;
    Word carry_;
};

/// `limbs`: how many limbs of both operands decide; all above are those of the result's sign.
template <typename Op>
Term combine(ExecState& p, const IntegerView& a, const IntegerView& b, size_t limbs, Op op) {
    charge_limbs(p, limbs);
    const bool negative = (op(Word{a.negative()}, Word{b.negative()}) & 1) != 0;
    IntegerResult result(p, limbs + 1);
    Word* to = result.limbs();
    Complement read_a(a.negative());
    Complement read_b(b.negative());
    Complement write(negative);
    for (size_t i = 0; i < limbs; ++i) {
        const Word x = read_a.next(i < a.size() ? a.limbs()[i] : 0);
        const Word y = read_b.next(i < b.size() ? b.limbs()[i] : 0);
        to[i] = write.next(op(x, y));
    }
    // All limbs of a negative result are zero: its magnitude is the next power of two.
    to[limbs] = write.carry();
    if (to[limbs] != 0) return result.finish_unlimited(limbs + 1, negative);
    return result.finish(limbs, negative);
}

/// Both non-negative: plain loops, which compilers make wide.
template <typename Op>
Term combine_plain(ExecState& p, const IntegerView& a, const IntegerView& b, bool keep_rest, Op op) {
    const IntegerView& large = a.size() >= b.size() ? a : b;
    const IntegerView& little = a.size() >= b.size() ? b : a;
    const size_t limbs = keep_rest ? large.size() : little.size();
    charge_limbs(p, limbs);
    IntegerResult result(p, limbs);
    Word* to = result.limbs();
    const Word* x = large.limbs();
    const Word* y = little.limbs();
    size_t i = 0;
    for (; i < little.size(); ++i) to[i] = op(x[i], y[i]);
    for (; i < limbs; ++i) to[i] = x[i];
    return result.finish(limbs, false);
}

enum class BitOp : uint8_t { band, bor, bxor };

template <BitOp kOp>
Term bitwise(ExecState& p, Term a, Term b) {
    const auto op = [](auto x, auto y) {
        if constexpr (kOp == BitOp::band) return x & y;
        if constexpr (kOp == BitOp::bor) return x | y;
        if constexpr (kOp == BitOp::bxor) return x ^ y;
    };
    if (Term::both_small(a, b)) return Term::small(op(a.to_small(), b.to_small()));
    if (!a.is_integer() || !b.is_integer()) return p.badarith();
    const IntegerView x(a);
    const IntegerView y(b);
    if (x.size() <= 1 && y.size() <= 1) return make_integer(p, op(to_wide(x), to_wide(y)));
    if (!x.negative() && !y.negative()) return combine_plain(p, x, y, kOp != BitOp::band, op);
    size_t limbs = x.size() > y.size() ? x.size() : y.size();
    if (kOp == BitOp::band) {
        // Nothing but zeros above a non-negative operand.
        if (!x.negative()) limbs = x.size();
        if (!y.negative()) limbs = y.size();
    }
    return combine(p, x, y, limbs, op);
}

Term shift_left(ExecState& p, const IntegerView& v, uint64_t count) {
    if (v.is_zero()) return Term::small(0);
    if (count > kMaxBignumBits || v.bit_length() + count > kMaxBignumBits) return p.system_limit();
    if (v.bit_length() + count <= 2 * kLimbBits) {
        const Wide m = v.size() == 1 ? Wide{v.low()} : (Wide{v.limbs()[1]} << kLimbBits) | v.low();
        return make_integer(p, m << count, v.negative());
    }
    const size_t skip = count / kLimbBits;
    const unsigned bits = count % kLimbBits;
    const size_t size = v.size() + skip + 1;
    charge_limbs(p, size);
    IntegerResult result(p, size);
    Word* to = result.limbs();
    std::memset(to, 0, skip * kWordBytes);
    to[size - 1] = 0;
    if (bits == 0) {
        std::memcpy(to + skip, v.limbs(), v.size() * kWordBytes);
    } else {
        to[size - 1] = mpn_lshift(gmp(to + skip), gmp(v.limbs()), static_cast<mp_size_t>(v.size()), bits);
    }
    return result.finish(size, v.negative());
}

Term shift_right(ExecState& p, const IntegerView& v, uint64_t count) {
    if (count >= v.bit_length()) return Term::small(v.negative() ? -1 : 0);
    const size_t skip = count / kLimbBits;
    const unsigned bits = count % kLimbBits;
    const size_t size = v.size() - skip;
    charge_limbs(p, v.size());
    // A negative number is rounded down: its magnitude up, if a bit was lost.
    bool round_up = false;
    if (v.negative()) {
        const Word* limb = v.limbs();
        round_up = bits != 0 && (limb[skip] << (kLimbBits - bits)) != 0;
        for (size_t i = 0; i < skip && !round_up; ++i) round_up = limb[i] != 0;
    }
    if (size == 1) return make_integer(p, Wide{v.limbs()[skip] >> bits} + (round_up ? 1 : 0), v.negative());
    IntegerResult result(p, size + 1);
    Word* to = result.limbs();
    if (bits == 0) {
        std::memcpy(to, v.limbs() + skip, size * kWordBytes);
    } else {
        mpn_rshift(gmp(to), gmp(v.limbs() + skip), static_cast<mp_size_t>(size), bits);
    }
    to[size] = round_up ? mpn_add_1(gmp(to), gmp(to), static_cast<mp_size_t>(size), 1) : 0;
    return result.finish(size + 1, v.negative());
}

enum class Direction : uint8_t { left, right };

Term shift(ExecState& p, Term a, Term count, Direction direction) {
    if (!a.is_integer() || !count.is_integer()) return p.badarith();
    bool left = direction == Direction::left;
    uint64_t distance = ~uint64_t{0};  // longer than any number
    if (count.is_small()) {
        const int64_t n = count.to_small();
        if (n < 0) left = !left;
        distance = static_cast<uint64_t>(n < 0 ? -n : n);
    } else if (IntegerView(count).negative()) {
        left = !left;
    }
    if (a.is_small()) {
        const int64_t v = a.to_small();
        if (!left) return Term::small(v >> (distance < 63 ? distance : 63));
        if (distance < 64) return make_integer(p, SignedWide{v} * (SignedWide{1} << distance));
    }
    const IntegerView view(a);
    return left ? shift_left(p, view, distance) : shift_right(p, view, distance);
}

}  // namespace

Term arith_band(ExecState& p, Term a, Term b) { return bitwise<BitOp::band>(p, a, b); }
Term arith_bor(ExecState& p, Term a, Term b) { return bitwise<BitOp::bor>(p, a, b); }
Term arith_bxor(ExecState& p, Term a, Term b) { return bitwise<BitOp::bxor>(p, a, b); }

Term arith_bsl(ExecState& p, Term a, Term count) { return shift(p, a, count, Direction::left); }
Term arith_bsr(ExecState& p, Term a, Term count) { return shift(p, a, count, Direction::right); }

}  // namespace lintel
