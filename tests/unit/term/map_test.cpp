#include "term/map.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/unit/term/terms.h"

namespace lintel {
namespace {

TEST(Map, finds_every_key_and_iterates_over_each_once) {
    Terms terms;
    std::vector<Terms::Pair> pairs;
    for (int i = 0; i <= 2000; ++i) {
        if (i <= 40 || i % 500 == 0) {
            const Term map = terms.map(pairs);
            ASSERT_EQ(map.is_flat_map(), pairs.size() <= kMaxFlatMapSize);
            ASSERT_EQ(map_size(map), pairs.size());
            for (const auto& p : pairs) {
                const Term* found = map_find(map, p.key);
                ASSERT_NE(found, nullptr);
                ASSERT_EQ(*found, p.value);
            }
            ASSERT_EQ(map_find(map, terms.atom("absent")), nullptr);
            ASSERT_EQ(map_find(map, terms.number(0.5)), nullptr);
            ASSERT_EQ(map_find(map, terms.list({terms.small(-1)})), nullptr);
            std::set<int64_t> values;
            MapIterator it(map);
            Term key, value;
            while (it.next(&key, &value)) {
                ASSERT_TRUE(values.insert(value.to_small()).second);
                ASSERT_EQ(*map_find(map, key), value);
            }
            ASSERT_FALSE(it.next(&key, &value));
            ASSERT_EQ(values.size(), pairs.size());
        }
        const Term number = terms.small(i);
        const Term keys[] = {number,
                             terms.atom("k" + std::to_string(i)),
                             terms.list({number}),
                             terms.number(i + 0.25),
                             terms.heap_binary(std::to_string(i)),
                             terms.number(1e300 + i * 1e290)};
        pairs.push_back({keys[i % 6], number});
    }
}

TEST(Map, flat_maps_are_iterated_in_key_order) {
    Terms terms;
    const Term map = terms.map(
        {{terms.atom("b"), terms.small(3)}, {terms.number(1.0), terms.small(2)}, {terms.small(5), terms.small(1)}});
    MapIterator it(map);
    Term key, value;
    for (int i = 1; it.next(&key, &value); ++i) EXPECT_EQ(value, terms.small(i));
}

TEST(Map, keys_with_the_same_hash_are_found) {
    Terms terms;
    std::vector<Term> body;
    for (int i = 0; i < 5; ++i) body.insert(body.end(), {terms.list({terms.small(i)}), terms.small(i)});
    const Term root = terms.boxed(Kind::map_collision, 0, body);
    const Term map = terms.boxed(Kind::map_hash, 0, std::vector<Term>{terms.small(5), root});
    EXPECT_EQ(*map_find(map, terms.list({terms.small(3)})), terms.small(3));
    EXPECT_EQ(map_find(map, terms.list({terms.small(5)})), nullptr);
    MapIterator it(map);
    Term key, value;
    int n = 0;
    while (it.next(&key, &value)) ++n;
    EXPECT_EQ(n, 5);
}

}  // namespace
}  // namespace lintel
