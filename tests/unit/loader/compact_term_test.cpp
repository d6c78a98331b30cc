#include "loader/compact_term.h"

#include <gtest/gtest.h>

#include "tests/unit/loader/beam_builder.h"

namespace lintel {
namespace {

std::span<const uint8_t> bytes_of(const std::string& s) {
    return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}

TEST(CompactTerm, every_length_of_number) {
    for (const int64_t v : {int64_t{0}, int64_t{1}, int64_t{15}, int64_t{16}, int64_t{2047}, int64_t{2048},
                            int64_t{32767}, int64_t{32768}, int64_t{1} << 23, int64_t{1} << 31, int64_t{1} << 39,
                            int64_t{1} << 62, INT64_MAX, int64_t{-1}, int64_t{-32768}, int64_t{-32769}, INT64_MIN}) {
        const std::string s = test::i(v);
        CompactReader in(bytes_of(s));
        CompactTerm t{};
        ASSERT_TRUE(in.read(t)) << v;
        EXPECT_EQ(t.tag, CompactTag::i);
        EXPECT_FALSE(t.big);
        EXPECT_EQ(t.value, v);
        EXPECT_TRUE(in.at_end());
        for (size_t n = 0; n < s.size(); ++n) {
            CompactReader cut(bytes_of(s).first(n));
            EXPECT_FALSE(cut.read(t)) << v << " cut to " << n;
        }
    }
}

// What erlc writes: beam_asm:encode(Tag, N) of OTP 25.
TEST(CompactTerm, bytes_that_the_compiler_writes) {
    const auto value = [](const std::string& s) {
        CompactTerm t{};
        CompactReader in(bytes_of(s));
        return in.read(t) && in.at_end() && !t.big ? t.value : INT64_MIN;
    };
    EXPECT_EQ(value("\x19\xff\xff"), -1);
    EXPECT_EQ(value(std::string("\x39\x00\x80\x01", 4)), 0x8001);
    EXPECT_EQ(value("\xe9\xff"), 2047);
    EXPECT_EQ(value(std::string("\x19\x08\x00", 3)), 2048);
    EXPECT_EQ(value(std::string("\xd8\x7f\xff\xff\xff\xff\xff\xff\xff", 9)), INT64_MAX);
}

TEST(CompactTerm, numbers_beyond_64_bits) {
    const std::string nine = std::string("\xf9\x00", 2) + std::string("\x00\xff\xff\xff\xff\xff\xff\xff\xff", 9);
    CompactTerm t{};
    CompactReader in(bytes_of(nine));
    ASSERT_TRUE(in.read(t));
    EXPECT_TRUE(t.big);
    EXPECT_EQ(t.tag, CompactTag::i);
    EXPECT_EQ(t.bytes.size(), 9u);
    // Length 9 + 300 in two bytes of its own.
    const std::string long_one = "\xf9" + test::u(300) + std::string(309, '\x01');
    CompactReader in2(bytes_of(long_one));
    ASSERT_TRUE(in2.read(t));
    EXPECT_EQ(t.bytes.size(), 309u);
    EXPECT_TRUE(in2.at_end());
    // A length that is no plain number, or itself of many bytes.
    for (const std::string& bad :
         {"\xf9" + test::i(3) + std::string(20, 'x'), "\xf9" + test::u(70000) + std::string(80000, 'x')}) {
        CompactReader in3(bytes_of(bad));
        EXPECT_FALSE(in3.read(t));
    }
}

}  // namespace
}  // namespace lintel
