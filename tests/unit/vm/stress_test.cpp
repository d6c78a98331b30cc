#include "vm/stress.h"

#include <gtest/gtest.h>

namespace lintel {

TEST(Stress, reads_lists_of_switches) {
    Stress s;
    ASSERT_TRUE(Stress::parse("gc=3,frag,reds", &s));
    EXPECT_EQ(s.gc, 3);
    EXPECT_EQ(s.reds, 3);
    EXPECT_TRUE(s.frag);
    EXPECT_FALSE(s.holes || s.regs || s.budget || s.major);
    ASSERT_TRUE(Stress::parse("", &s));
    EXPECT_EQ(s.gc, 0);
    EXPECT_FALSE(s.frag);
}

TEST(Stress, refuses_what_it_does_not_know) {
    Stress s;
    for (const char* text : {"x", "gc=0x", "gc=10000", "frag=1", "gc;frag", ",gc", "GC"}) {
        EXPECT_FALSE(Stress::parse(text, &s)) << text;
    }
    EXPECT_FALSE(Stress::parse("gc=0", &s));
}

TEST(Stress, collects_at_every_third_safepoint) {
    if (!kStressBuild) GTEST_SKIP() << "a release build";
    Stress s;
    EXPECT_FALSE(s.collect_here());
    s.gc = 3;
    int times = 0;
    for (int i = 0; i < 9; ++i) times += s.collect_here();
    EXPECT_EQ(times, 3);
}

TEST(Stress, waits_longer_after_a_large_collection) {
    if (!kStressBuild) GTEST_SKIP() << "a release build";
    const auto collections = [](const char* switches, size_t words) {
        Stress s;
        EXPECT_TRUE(Stress::parse(switches, &s));
        int times = 0;
        for (int i = 0; i < 10000; ++i) {
            if (!s.collect_here()) continue;
            ++times;
            s.pace(words);
        }
        return times;
    };
    EXPECT_EQ(collections("gc", Stress::kPacedWords - 1), 10000);
    EXPECT_EQ(collections("gc=1", 1000000), 10000);
    EXPECT_NEAR(collections("gc", 100 * Stress::kPacedWords), 100, 25);
}

}  // namespace lintel
