#include "sched/word_map.h"

#include <random>
#include <unordered_map>

#include "gtest/gtest.h"

namespace lintel {
namespace {

TEST(WordMap, random_changes_agree_with_a_standard_map) {
    std::mt19937_64 random(11);
    WordMap<Word> map;
    std::unordered_map<Word, Word> model;
    for (int i = 0; i < 200000; ++i) {
        const Word key = 1 + (random() % 500) * (random() % 2 == 0 ? 1 : 0x10000);
        switch (random() % 3) {
            case 0: model[key] = map.insert(key) = random(); break;
            case 1: ASSERT_EQ(map.erase(key), model.erase(key) != 0); break;
            default: {
                const Word* found = map.find(key);
                const auto wanted = model.find(key);
                ASSERT_EQ(found != nullptr, wanted != model.end());
                if (found != nullptr) {
                    ASSERT_EQ(*found, wanted->second);
                }
            }
        }
        ASSERT_EQ(map.size(), model.size());
    }
    size_t seen = 0;
    map.for_each([&](Word key, Word& value) {
        ++seen;
        EXPECT_EQ(model.at(key), value);
    });
    EXPECT_EQ(seen, model.size());
}

TEST(WordMap, an_empty_map_holds_no_memory) {
    WordMap<Word> map;
    EXPECT_EQ(map.bytes(), 0u);
    map.insert(5) = 1;
    EXPECT_GT(map.bytes(), 0u);
    map.erase(5);
    EXPECT_EQ(map.bytes(), 0u);
}

}  // namespace
}  // namespace lintel
