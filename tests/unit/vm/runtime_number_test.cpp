#include "vm/runtime_number.h"

#include <cmath>

#include "tests/unit/vm/arith_fixture.h"

namespace lintel {
namespace {

using Numbers = ArithTest;

TEST_F(Numbers, text_and_back_in_every_base) {
    for (unsigned base = 2; base <= 36; ++base) {
        const Computation one_base(p);
        for (int k = 0; k <= 2000; k = k < 70 ? k + 1 : k * 5 / 4) {
            for (int delta = -1; delta <= 1; ++delta) {
                const Term t =
                    arith_add(p, arith_bsl(p, Term::small(delta == 0 ? -1 : 1), Term::small(k)), Term::small(delta));
                const std::string s = text(t, base);
                Term back;
                ASSERT_EQ(parse_integer(p, s, base, &back), ParseStatus::ok);
                EXPECT_TRUE(same(checked(back), t)) << s << " in base " << base;
            }
        }
    }
    EXPECT_EQ(text(number("1208925819614629174706175"), 36), "5GV2RMA270X9HHJ3");
    EXPECT_EQ(text(number("-35"), 36), "-Z");
    EXPECT_EQ(text(Term::small(0), 2), "0");
    EXPECT_EQ(text(Term::small(Term::kSmallMin), 2), "-1" + std::string(60, '0'));
}

TEST_F(Numbers, what_is_no_integer) {
    Term t;
    for (const char* s : {"", "+", "-", "1 ", " 1", "1_0", "--1", "12a", "0x1", "1.0", "99999999999999999999999999999a",
                          "+00000000000000000000000000000000000000000000000000-"}) {
        EXPECT_EQ(parse_integer(p, s, 10, &t), ParseStatus::malformed) << s;
    }
    EXPECT_EQ(parse_integer(p, "12", 2, &t), ParseStatus::malformed);
    EXPECT_EQ(parse_integer(p, "+0000000000000000000000000000000000000000000000000000000012", 10, &t), ParseStatus::ok);
    EXPECT_EQ(t, Term::small(12));
    EXPECT_EQ(parse_integer(p, "-zZ", 36, &t), ParseStatus::ok);
    EXPECT_EQ(t, Term::small(-1295));
    EXPECT_EQ(parse_integer(p, "-0", 10, &t), ParseStatus::ok);
    EXPECT_EQ(t, Term::small(0));
    const std::string most(kMaxBignumLimbs * 16, 'f');
    EXPECT_EQ(parse_integer(p, most, 16, &t), ParseStatus::ok);
    EXPECT_EQ(parse_integer(p, "000" + most, 16, &t), ParseStatus::ok);
    EXPECT_EQ(parse_integer(p, "1" + most, 16, &t), ParseStatus::too_large);
    EXPECT_EQ(parse_integer(p, std::string(10100892, '9'), 10, &t), ParseStatus::too_large);
}

TEST_F(Numbers, floats_to_integers_are_exact) {
    EXPECT_EQ(text(integer_from_double(p, -0.0)), "0");
    EXPECT_EQ(text(integer_from_double(p, 0x1p60)), "1152921504606846976");
    EXPECT_EQ(text(integer_from_double(p, -0x1p60)), "-1152921504606846976");
    EXPECT_EQ(text(integer_from_double(p, 0x1.fffffffffffffp59)), "1152921504606846848");
    EXPECT_EQ(text(integer_from_double(p, 1e23)), "99999999999999991611392");
    EXPECT_EQ(text(integer_from_double(p, -0x1.fffffffffffffp1023), 16), "-FFFFFFFFFFFFF8" + std::string(242, '0'));
    for (int e = 53; e < 1023; ++e) {
        const double d = std::ldexp(1.2345678901234567, e);
        double back = 0;
        ASSERT_TRUE(integer_to_double(checked(integer_from_double(p, d)), &back));
        EXPECT_EQ(back, d);
    }
}

TEST_F(Numbers, integers_to_floats) {
    double d = 0;
    EXPECT_TRUE(integer_to_double(number("-9007199254740993"), &d));
    EXPECT_EQ(d, -9007199254740992.0);
    const Term limit = arith_bsl(p, Term::small(1), Term::small(1024));
    EXPECT_FALSE(integer_to_double(limit, &d));
    EXPECT_FALSE(integer_to_double(arith_sub(p, limit, Term::small(1)), &d));
    const Term half_step = arith_bsl(p, Term::small(1), Term::small(970));
    EXPECT_FALSE(integer_to_double(arith_sub(p, limit, half_step), &d));
    EXPECT_TRUE(integer_to_double(arith_sub(p, limit, arith_mul(p, half_step, Term::small(2))), &d));
    EXPECT_EQ(d, 0x1.fffffffffffffp1023);
    EXPECT_FALSE(number_to_double(am::ok(), &d));
}

}  // namespace
}  // namespace lintel
