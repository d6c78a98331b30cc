#include "base/generator.h"

#include <array>
#include <cstring>

#include "gtest/gtest.h"

namespace lintel {
namespace {

TEST(Generator, numbers_are_the_same_on_every_machine) {
    Generator zero(0), seeded(42), other_stream(42, 1);
    EXPECT_EQ(zero.next(), 0xb3afeed42d38b55bu);
    EXPECT_EQ(zero.next(), 0xab3eb9a3960e89a9u);
    EXPECT_EQ(seeded.next(), 0x9fcee911e2bb0bbbu);
    EXPECT_EQ(seeded.next(), 0x38034068c27cec44u);
    EXPECT_EQ(seeded.next(), 0x7686673257ed286fu);
    EXPECT_EQ(other_stream.next(), 0xccf6160f8ae55931u);
}

TEST(Generator, numbers_below_a_limit_are_all_as_likely) {
    constexpr size_t kSides = 6, kThrows = 60000;
    Generator die(7);
    std::array<size_t, kSides> count{};
    for (size_t i = 0; i < kThrows; ++i) ++count.at(die.below(kSides));
    for (const size_t n : count) EXPECT_NEAR(static_cast<double>(n), kThrows / kSides, 400);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(die.below(1), 0u);
}

TEST(Generator, bytes_are_those_of_its_numbers) {
    Generator numbers(3), bytes(3);
    uint8_t filled[11];
    bytes.fill(filled, sizeof filled);
    const uint64_t first = numbers.next(), second = numbers.next();
    for (size_t i = 0; i < sizeof filled; ++i)
        EXPECT_EQ(filled[i], static_cast<uint8_t>((i < 8 ? first : second) >> (i % 8 * 8)));
}

}  // namespace
}  // namespace lintel
