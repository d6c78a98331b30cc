#include "gc/map_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "term/map.h"
#include "tests/unit/support/same_hash.h"

namespace lintel {
namespace {

struct Built {
    HeapFragment* fragment;
    Term map;
    bool duplicate = false;
    size_t bound;
    explicit Built(std::vector<Term> kv) : bound(map_words_bound(kv.size() / 2)) {
        fragment = HeapFragment::create(bound);
        HeapBuilder heap(fragment);
        map = build_map(heap, kv.data(), kv.size() / 2, &duplicate);
        EXPECT_LE(bound - heap.words_left(), bound);
    }
    ~Built() { HeapFragment::destroy(fragment); }
    int64_t at(Term key) const {
        const Term* v = map_find(map, key);
        return v == nullptr ? -1 : v->to_small();
    }
};

Term n(int64_t v) { return Term::small(v); }

TEST(BuildMap, empty_map_has_an_empty_tuple_of_keys) {
    const Built b({});
    EXPECT_TRUE(b.map.is_flat_map());
    EXPECT_EQ(map_size(b.map), 0u);
    EXPECT_EQ(flat_map_keys_tuple(b.map).header(), make_header(Kind::tuple, 0));
}

TEST(BuildMap, small_maps_are_sorted_and_the_last_of_equal_keys_stays) {
    const Built b({n(3), n(30), n(1), n(10), am::ok(), n(5), n(3), n(31), n(2), n(20)});
    ASSERT_TRUE(b.map.is_flat_map());
    EXPECT_TRUE(b.duplicate);
    EXPECT_EQ(map_size(b.map), 4u);
    EXPECT_EQ(b.at(n(3)), 31);
    EXPECT_EQ(b.at(am::ok()), 5);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(flat_map_keys(b.map)[i], n(i + 1));
}

TEST(BuildMap, large_maps_find_every_key) {
    for (const int64_t size : {32, 33, 100, 5000}) {
        std::vector<Term> kv;
        for (int64_t i = size; i-- > 0;) {
            kv.push_back(n(i * 7));
            kv.push_back(n(i));
        }
        const Built b(kv);
        EXPECT_EQ(b.map.is_hash_map(), size > 32);
        EXPECT_FALSE(b.duplicate);
        EXPECT_EQ(map_size(b.map), static_cast<size_t>(size));
        for (int64_t i = 0; i < size; ++i) ASSERT_EQ(b.at(n(i * 7)), i);
        EXPECT_EQ(b.at(n(1)), -1);
        int64_t seen = 0;
        Term k;
        Term v;
        for (MapIterator each(b.map); each.next(&k, &v); ++seen) EXPECT_EQ(k.to_small(), v.to_small() * 7);
        EXPECT_EQ(seen, size);
    }
}

TEST(BuildMap, a_plan_knows_its_words_exactly) {
    for (const int64_t pairs : {0, 1, 32, 33, 100, 3000, 40000}) {
        for (const int64_t keys : {int64_t{7}, int64_t{50}, pairs}) {
            std::vector<Term> kv;
            for (int64_t i = 0; i < pairs; ++i) kv.insert(kv.end(), {n(i % keys), n(i)});
            MapPlan plan(kv.data(), static_cast<size_t>(pairs));
            HeapFragment* fragment = HeapFragment::create(plan.words());
            {
                HeapBuilder heap(fragment);
                const Term map = plan.build(heap);
                EXPECT_EQ(heap.words_left(), 0u) << pairs << " " << keys;
                EXPECT_EQ(map_size(map), static_cast<size_t>(std::min(pairs, keys)));
                for (int64_t k = 0; k < std::min(pairs, keys); ++k) {
                    ASSERT_EQ(map_find(map, n(k))->to_small(), (pairs - 1 - k) / keys * keys + k);
                }
            }
            HeapFragment::destroy(fragment);
        }
    }
}

TEST(BuildMap, many_pairs_of_few_keys_make_a_small_map) {
    std::vector<Term> kv;
    for (int64_t i = 0; i < 1000; ++i) {
        kv.push_back(n(i % 20));
        kv.push_back(n(i));
    }
    const Built b(kv);
    EXPECT_TRUE(b.map.is_flat_map());
    EXPECT_TRUE(b.duplicate);
    EXPECT_EQ(map_size(b.map), 20u);
    for (int64_t i = 0; i < 20; ++i) EXPECT_EQ(b.at(n(i)), 980 + i);
}

TEST(BuildMap, colliding_hashes_stay_within_the_bound) {
    // Of each pair, one twice.
    std::vector<Term> kv;
    for (const auto& [a, b] : kSameHash) {
        ASSERT_EQ(internal_hash(n(a)), internal_hash(n(b)));
        for (const int64_t key : {a, b, a}) kv.insert(kv.end(), {n(key), n(key + 1)});
    }
    for (int64_t i = 0; i < 30; ++i) kv.insert(kv.end(), {n(i), n(i + 1)});
    const Built b(kv);
    EXPECT_TRUE(b.duplicate);
    EXPECT_TRUE(b.map.is_hash_map());
    EXPECT_EQ(map_size(b.map), 30 + 2 * std::size(kSameHash));
    for (size_t i = 0; i < kv.size(); i += 2) EXPECT_EQ(b.at(kv[i]), kv[i].to_small() + 1);
}

}  // namespace
}  // namespace lintel
