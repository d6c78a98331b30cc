#include "base/float_text.h"

#include <bit>
#include <charconv>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace lintel {
namespace {

std::string text(double d) {
    char out[kShortestFloatChars];
    return {out, write_shortest_float(d, out)};
}

TEST(FloatText, notation_is_that_of_erl) {
    const struct {
        double value;
        const char* text;
    } facts[] = {
        {1.0, "1.0"},
        {100.0, "100.0"},
        {1000.0, "1.0e3"},
        {1200.0, "1.2e3"},
        {123456.0, "123456.0"},
        {0.1, "0.1"},
        {0.001, "0.001"},
        {0.0001, "0.0001"},
        {0.00012, "1.2e-4"},
        {1.0e-5, "1.0e-5"},
        {123.456, "123.456"},
        {9007199254740991.0, "9007199254740991.0"},
        {9007199254740992.0, "9.007199254740992e15"},
        {-9007199254740992.0, "-9.007199254740992e15"},
        {-0.0, "-0.0"},
        {0.0, "0.0"},
        {5.0e-324, "5.0e-324"},
        {1.7976931348623157e308, "1.7976931348623157e308"},
        {1.0e15, "1.0e15"},
        {1.0e22, "1.0e22"},
        {1234567890123456.8, "1234567890123456.8"},
        {-2.5e-7, "-2.5e-7"},
    };
    for (const auto& f : facts) EXPECT_EQ(text(f.value), f.text);
}

TEST(FloatText, reads_back_as_the_same_float) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 100000; ++i) {
        const auto d = std::bit_cast<double>(random());
        if (!(d - d == 0)) continue;  // not finite
        const std::string t = text(d);
        double back = 0;
        ASSERT_EQ(std::from_chars(t.data(), t.data() + t.size(), back).ptr, t.data() + t.size());
        ASSERT_EQ(std::bit_cast<uint64_t>(back), std::bit_cast<uint64_t>(d)) << t;
        ASSERT_LE(t.size(), kShortestFloatChars);
        ASSERT_NE(t.find('.'), std::string::npos);
    }
}

}  // namespace
}  // namespace lintel
