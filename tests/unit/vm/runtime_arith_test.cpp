#include "vm/runtime_arith.h"

#include "tests/unit/vm/arith_fixture.h"

namespace lintel {
namespace {

using Arith = ArithTest;

TEST_F(Arith, identities_hold_at_all_edges) {
    // ±2^k and its neighbours: where small integers end, where limbs end.
    std::vector<Term> edges = {Term::small(0)};
    for (int k = 0; k <= 130; k += (k >= 2 && k < 56) || (k > 70 && k < 124) ? 7 : 1) {
        const Term power = arith_bsl(p, Term::small(1), Term::small(k));
        for (int delta = -1; delta <= 1; ++delta) {
            const Term t = checked(arith_add(p, power, Term::small(delta)));
            edges.push_back(t);
            edges.push_back(checked(arith_negate(p, t)));
        }
    }
    const Term minus_one = Term::small(-1);
    size_t count = 0;
    for (const Term a : edges) {
        const Computation whole_row(p);
        EXPECT_TRUE(same(arith_bnot(p, a), arith_sub(p, minus_one, a)));
        EXPECT_TRUE(same(arith_bnot(p, arith_bnot(p, a)), a));
        EXPECT_TRUE(same(arith_bxor(p, a, minus_one), arith_bnot(p, a)));
        EXPECT_TRUE(same(arith_negate(p, arith_negate(p, a)), a));
        const Term absolute = arith_abs(p, a);
        EXPECT_TRUE(same(absolute, a) || same(absolute, arith_negate(p, a)));
        EXPECT_NE(text(absolute)[0], '-');
        for (int k = 0; k <= 130; k += 5) {
            const Term power = arith_bsl(p, Term::small(1), Term::small(k));
            EXPECT_TRUE(same(arith_bsl(p, a, Term::small(k)), arith_mul(p, a, power)));
            EXPECT_TRUE(same(arith_bsr(p, a, Term::small(-k)), arith_mul(p, a, power)));
            // a bsr k is a div 2^k rounded down; the bits below are a band (2^k - 1).
            const Term high = arith_bsr(p, a, Term::small(k));
            const Term low = arith_band(p, a, arith_sub(p, power, Term::small(1)));
            EXPECT_TRUE(same(arith_add(p, arith_mul(p, high, power), low), a)) << text(a) << " bsr " << k;
        }
        for (const Term b : edges) {
            ++count;
            const Computation pair(p);
            const Term sum = arith_add(p, a, b);
            EXPECT_TRUE(same(sum, arith_add(p, b, a)));
            EXPECT_TRUE(same(arith_sub(p, sum, b), a)) << text(a) << " + " << text(b);
            EXPECT_TRUE(same(arith_negate(p, arith_sub(p, a, b)), arith_sub(p, b, a)));
            EXPECT_TRUE(same(arith_add(p, arith_band(p, a, b), arith_bor(p, a, b)), sum))
                << text(a) << " & " << text(b);
            const Term mixed = arith_bxor(p, a, b);
            EXPECT_TRUE(same(mixed, arith_sub(p, arith_bor(p, a, b), arith_band(p, a, b))));
            EXPECT_TRUE(same(arith_bxor(p, mixed, b), a));
            const Term product = arith_mul(p, a, b);
            EXPECT_TRUE(same(product, arith_mul(p, b, a)));
            // (a + b)^2 = a^2 + 2ab + b^2
            const Term squares = arith_add(p, arith_mul(p, a, a), arith_mul(p, b, b));
            EXPECT_TRUE(same(arith_mul(p, sum, sum), arith_add(p, squares, arith_bsl(p, product, Term::small(1)))));
            if (b == Term::small(0)) {
                EXPECT_EQ(text(arith_int_div(p, a, b)), "badarith");
                EXPECT_EQ(text(arith_int_rem(p, a, b)), "badarith");
                continue;
            }
            const Term q = checked(arith_int_div(p, a, b));
            const Term r = checked(arith_int_rem(p, a, b));
            EXPECT_TRUE(same(arith_add(p, arith_mul(p, q, b), r), a)) << text(a) << " div " << text(b);
            EXPECT_TRUE(same(arith_int_div(p, product, b), a));
            // |r| < |b|, and its sign is that of a.
            EXPECT_EQ(text(arith_int_div(p, r, b)), "0");
            if (r == Term::small(0)) continue;
            EXPECT_EQ(text(r)[0] == '-', text(a)[0] == '-');
        }
    }
    EXPECT_GT(count, 10000u);
}

TEST_F(Arith, answers_as_erl_does) {
    struct Case {
        Term (*f)(ExecState&, Term, Term);
        const char* a;
        const char* b;
        const char* result;
    };
    // What erl (OTP 25) prints.
    const Case cases[] = {
        {arith_add, "1152921504606846975", "1", "1152921504606846976"},
        {arith_sub, "-1152921504606846976", "1", "-1152921504606846977"},
        {arith_add, "-1152921504606846977", "1", "-1152921504606846976"},
        {arith_mul, "-1152921504606846976", "-1", "1152921504606846976"},
        {arith_mul, "1152921504606846975", "-1152921504606846976", "-1329227995784915871750885555673497600"},
        {arith_int_div, "-1152921504606846976", "-1", "1152921504606846976"},
        {arith_int_div, "-1152921504606846976", "1152921504606846976", "-1"},
        {arith_int_rem, "-1152921504606846976", "1152921504606846976", "0"},
        {arith_int_div, "-340282366920938463463374607431768211456", "18446744073709551615", "-18446744073709551617"},
        {arith_int_rem, "-340282366920938463463374607431768211456", "18446744073709551615", "-1"},
        {arith_int_rem, "7", "-340282366920938463463374607431768211456", "7"},
        {arith_band, "-18446744073709551616", "-340282366920938463463374607431768211457",
         "-340282366920938463481821351505477763072"},
        {arith_bxor, "-1", "340282366920938463463374607431768211455", "-340282366920938463463374607431768211456"},
        {arith_bor, "-340282366920938463463374607431768211456", "1152921504606846976",
         "-340282366920938463462221685927161364480"},
        {arith_bsr, "-18446744073709551617", "64", "-2"},
        {arith_bsr, "-18446744073709551616", "64", "-1"},
        {arith_bsr, "-5", "340282366920938463463374607431768211456", "-1"},
        {arith_bsl, "-5", "-340282366920938463463374607431768211456", "-1"},
        {arith_bsl, "0", "340282366920938463463374607431768211456", "0"},
        {arith_bsl, "1", "340282366920938463463374607431768211456", "system_limit"},
        {arith_bsr, "1", "-340282366920938463463374607431768211456", "system_limit"},
        {arith_divide, "1", "0", "badarith"},
        {arith_divide, "1", "3", "f3fd5555555555555"},
        {arith_divide, "340282366920938463463374607431768211456", "3", "f47d5555555555555"},
    };
    for (const Case& c : cases) EXPECT_EQ(text(c.f(p, number(c.a), number(c.b))), c.result) << c.a << ", " << c.b;
}

TEST_F(Arith, fails_as_erl_does) {
    const Term atom = am::ok();
    const Term one = Term::small(1);
    const Term big = number("0x1000000000000000000000000");
    const Term f = number(1.5);
    for (const auto function : {arith_add, arith_sub, arith_mul, arith_divide, arith_int_div, arith_int_rem, arith_band,
                                arith_bor, arith_bxor, arith_bsl, arith_bsr}) {
        for (const Term t : {one, big, f, atom, Term::nil()}) {
            EXPECT_EQ(text(function(p, atom, t)), "badarith");
            EXPECT_EQ(text(function(p, t, Term::nil())), "badarith");
        }
    }
    for (const auto function :
         {arith_int_div, arith_int_rem, arith_band, arith_bor, arith_bxor, arith_bsl, arith_bsr}) {
        EXPECT_EQ(text(function(p, f, big)), "badarith");
        EXPECT_EQ(text(function(p, one, f)), "badarith");
    }
    for (const auto function : {arith_negate, arith_plus, arith_bnot}) EXPECT_EQ(text(function(p, atom)), "badarith");
    EXPECT_EQ(text(arith_bnot(p, f)), "badarith");
    EXPECT_EQ(text(arith_abs(p, atom)), "badarg");
    const Term huge = arith_bsl(p, one, Term::small(1024));
    EXPECT_EQ(text(arith_add(p, huge, f)), "badarith");
    EXPECT_EQ(text(arith_divide(p, one, huge)), "badarith");
    EXPECT_EQ(text(arith_mul(p, number(1e308), number(10.0))), "badarith");
    EXPECT_EQ(text(arith_divide(p, f, number(-0.0))), "badarith");
}

TEST_F(Arith, floats) {
    EXPECT_EQ(text(arith_negate(p, number(0.0))), "f8000000000000000");
    EXPECT_EQ(text(arith_abs(p, number(-0.0))), "f8000000000000000");  // sic
    EXPECT_EQ(text(arith_abs(p, number(-1e300))), text(number(1e300)));
    EXPECT_EQ(text(arith_add(p, number(1e-300), Term::small(0))), text(number(1e-300)));
    // The exact sum lies above the middle of two floats; OTP rounds the lower limb first.
    const Term t = number("27670116110564329473");
    EXPECT_EQ(text(t, 16), "18000000000000801");
    EXPECT_EQ(text(arith_add(p, t, number(0.0))), "f43f8000000000000");
}

TEST_F(Arith, bignums_have_a_limit) {
    const Term one = Term::small(1);
    const int64_t most = 33554367;
    const Term largest_power = arith_bsl(p, one, Term::small(most));
    ASSERT_TRUE(largest_power.is_bignum());
    EXPECT_EQ(text(arith_bsl(p, one, Term::small(most + 1))), "system_limit");
    EXPECT_EQ(text(arith_bsl(p, Term::small(-1), Term::small(most + 1))), "system_limit");
    EXPECT_EQ(text(arith_bsl(p, Term::small(3), Term::small(most))), "system_limit");
    EXPECT_EQ(text(arith_add(p, largest_power, largest_power)), "system_limit");
    EXPECT_EQ(text(arith_mul(p, largest_power, Term::small(2))), "system_limit");
    EXPECT_EQ(text(arith_mul(p, largest_power, largest_power)), "system_limit");
    const Term largest = arith_add(p, arith_sub(p, largest_power, one), largest_power);
    ASSERT_TRUE(largest.is_bignum());
    EXPECT_EQ(text(arith_add(p, largest, one)), "system_limit");
    EXPECT_EQ(text(arith_bnot(p, largest)), "system_limit");
    EXPECT_TRUE(same(arith_mul(p, largest, one), largest));
    // The product of numbers of 2 and 2^19 - 2 limbs may have one limb less than both together.
    const Term a = arith_bsl(p, one, Term::small(64));
    EXPECT_TRUE(same(arith_mul(p, arith_bsl(p, one, Term::small(most - 64)), a), largest_power));
    EXPECT_EQ(text(arith_mul(p, arith_bsl(p, one, Term::small(most - 63)), a)), "system_limit");
    EXPECT_LT(p.reductions, -1000);  // that was work
}

TEST_F(Arith, results_take_exact_room) {
    const Term a = number("0x8000000000000000");
    Word* const before = p.heap.htop;
    const Term sum = arith_add(p, a, a);
    ASSERT_TRUE(sum.is_bignum());
    EXPECT_EQ(p.heap.htop - before, 3);
    const Term b = number("0x123456789ABCDEF0123456789");
    Word* const after = p.heap.htop;
    EXPECT_EQ(arith_sub(p, b, b), Term::small(0));
    EXPECT_EQ(arith_int_div(p, b, b), Term::small(1));
    EXPECT_EQ(p.heap.htop, after);
}

}  // namespace
}  // namespace lintel
