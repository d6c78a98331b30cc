#include "vm/runtime_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include "gc/map_builder.h"
#include "term/compare.h"
#include "term/views.h"
#include "tests/unit/support/same_hash.h"
#include "vm/map_trie.h"

namespace lintel {
namespace {

Term num(int64_t v) { return Term::small(v); }

/// A process whose heap is always full: every reservation is a fragment of exactly its size, so that ASan sees a word
/// too many.
class RuntimeMap : public ::testing::Test {
protected:
    RuntimeMap() { p.heap.htop = p.heap.stack_top = p.heap.start = p.heap.end = &no_heap_; }
    ~RuntimeMap() override { drop(); }
    void drop() {
        while (p.heap.fragments != nullptr) {
            HeapFragment* next = p.heap.fragments->next;
            HeapFragment::destroy(p.heap.fragments);
            p.heap.fragments = next;
        }
    }
    Term map_of(std::vector<Term> pairs) {
        auto heap = p.reserve(map_words_bound(pairs.size() / 2));
        return build_map(heap, pairs.data(), pairs.size() / 2, nullptr);
    }
    Term numbers(int64_t from, int64_t to) {
        std::vector<Term> pairs;
        for (int64_t i = from; i <= to; ++i) {
            pairs.push_back(num(i));
            pairs.push_back(num(i * i));
        }
        return map_of(std::move(pairs));
    }
    ::testing::AssertionResult raised(Term result, Term tag, Term value) {
        if (result.is_value()) return ::testing::AssertionFailure() << "did not raise";
        const auto tuple = as_tuple(p.reason, 2);
        const bool ok = p.pending == Pending::exception && tuple && tuple[0] == tag && exactly_equal(tuple[1], value);
        p.pending = Pending::none;
        return ok ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << "another reason";
    }

    ExecState p;

private:
    Word no_heap_ = 0;
};

bool same_shape(Term a, Term b);

bool same_node(const Word* a, const Word* b) {
    if (*a != *b) return false;
    const size_t size = header_size(*a);
    if (header_kind(*a) == Kind::map_collision) {
        size_t found = 0;
        for (size_t i = 1; i <= size; i += 2) {
            for (size_t j = 1; j <= size; j += 2) {
                found += exactly_equal(Term(a[i]), Term(b[j])) && exactly_equal(Term(a[i + 1]), Term(b[j + 1]));
            }
        }
        return found == size / 2;
    }
    const size_t pairs = 2 * static_cast<size_t>(std::popcount(map_data_bits(*a)));
    for (size_t i = 1; i <= pairs; ++i) {
        if (!exactly_equal(Term(a[i]), Term(b[i]))) return false;
    }
    for (size_t i = 1 + pairs; i <= size; ++i) {
        if (!same_node(Term(a[i]).boxed_words(), Term(b[i]).boxed_words())) return false;
    }
    return true;
}

bool same_shape(Term a, Term b) {
    if (a.header() != b.header()) return false;
    if (a.is_hash_map())
        return map_size(a) == map_size(b) && same_node(hash_map_root(a).boxed_words(), hash_map_root(b).boxed_words());
    const size_t n = flat_map_size(a);
    if (header_size(flat_map_keys_tuple(a).header()) != n) return false;
    for (size_t i = 0; i < n; ++i) {
        if (!exactly_equal(flat_map_keys(a)[i], flat_map_keys(b)[i])) return false;
        if (!exactly_equal(flat_map_values(a)[i], flat_map_values(b)[i])) return false;
    }
    return true;
}

TEST_F(RuntimeMap, keys_of_small_maps_are_in_term_order_integers_before_floats) {
    // erl: maps:keys(#{b=>1, 1.0=>1, 1=>1, "x"=>1, a=>1, 2=>1, 1.5=>1}) -> [1,2,1.0,1.5,a,b,"x"]  (a stands for all, b
    // for and)
    auto heap = p.reserve(2);
    const Term list = heap.cons(num(120), Term::nil());
    const Term one = Term::try_immediate_float(1.0), more = Term::try_immediate_float(1.5);
    const Term wanted[] = {num(1), num(2), one, more, am::all(), am::and_(), list};
    std::vector<Term> keys(std::begin(wanted), std::end(wanted));
    std::mt19937 random(1);
    for (int round = 0; round < 50; ++round) {
        std::shuffle(keys.begin(), keys.end(), random);
        Term map = map_of({});
        for (const Term k : keys) map = map_put(p, map, k, num(1));
        ASSERT_EQ(map_size(map), 7u);
        for (size_t i = 0; i < 7; ++i) EXPECT_EQ(flat_map_keys(map)[i], wanted[i]);
        std::vector<Term> pairs;
        for (const Term k : keys) pairs.insert(pairs.end(), {k, num(1)});
        const Term at_once = put_map_assoc(p, map_of({}), pairs.data(), keys.size());
        EXPECT_TRUE(same_shape(map, at_once));
    }
}

TEST_F(RuntimeMap, updates_share_the_keys_tuple_and_equal_values_the_map) {
    const Term map = map_of({am::ok(), num(1), am::error(), num(2)});
    const Term updated = map_put(p, map, am::ok(), num(7));
    EXPECT_EQ(flat_map_keys_tuple(updated), flat_map_keys_tuple(map));
    EXPECT_EQ(*map_find(updated, am::ok()), num(7));
    EXPECT_EQ(*map_find(map, am::ok()), num(1));
    EXPECT_EQ(map_put(p, map, am::ok(), num(1)), map);
    EXPECT_EQ(map_update(p, map, am::ok(), num(1)), map);
    const Term pairs[] = {am::ok(), num(3), am::error(), num(4)};
    for (const Term both : {put_map_exact(p, map, pairs, 2), put_map_assoc(p, map, pairs, 2)}) {
        EXPECT_EQ(flat_map_keys_tuple(both), flat_map_keys_tuple(map));
        EXPECT_EQ(*map_find(both, am::ok()), num(3));
        EXPECT_EQ(*map_find(both, am::error()), num(4));
    }
    const Term large = numbers(1, 100);
    EXPECT_EQ(map_put(p, large, num(50), num(2500)), large);
    EXPECT_EQ(map_remove(p, large, num(101)), large);
    EXPECT_EQ(map_remove(p, map, num(101)), map);
}

TEST_F(RuntimeMap, errors_are_those_of_erl) {
    const Term small = numbers(1, 3), large = numbers(1, 40), no_map = am::ok();
    const Term pairs[] = {num(1), num(0), num(99), num(0), num(98), num(0)};
    EXPECT_TRUE(raised(map_put(p, no_map, num(1), num(1)), am::badmap(), no_map));
    EXPECT_TRUE(raised(map_update(p, no_map, num(1), num(1)), am::badmap(), no_map));
    EXPECT_TRUE(raised(map_remove(p, no_map, num(1)), am::badmap(), no_map));
    for (const size_t n : {0, 1, 3}) {
        EXPECT_TRUE(raised(put_map_assoc(p, no_map, pairs, n), am::badmap(), no_map));
        EXPECT_TRUE(raised(put_map_exact(p, no_map, pairs, n == 0 ? 2 : n), am::badmap(), no_map));
    }
    for (const Term map : {small, large}) {
        EXPECT_TRUE(raised(map_update(p, map, num(99), num(1)), am::badkey(), num(99)));
        // erl: (M)#{1 := 0, 98 := 0, 99 := 0}: the first one missing.
        EXPECT_TRUE(raised(put_map_exact(p, map, pairs, 3), am::badkey(), num(99)));
        EXPECT_TRUE(raised(map_merge(p, map, no_map), am::badmap(), no_map));
        EXPECT_TRUE(raised(map_merge(p, no_map, map), am::badmap(), no_map));
    }
    // 1 and 1.0 are different keys; 0.0 and -0.0 the same one (OTP 25).
    EXPECT_TRUE(raised(map_update(p, small, Term::try_immediate_float(1.0), num(1)), am::badkey(),
                       Term::try_immediate_float(1.0)));
    if (!kSignedZerosDiffer) {
        const Term zero = map_of({Term::try_immediate_float(0.0), num(1)});
        const Term put = map_put(p, zero, Term::try_immediate_float(-0.0), num(2));
        EXPECT_EQ(map_size(put), 1u);
        EXPECT_EQ(flat_map_keys(put)[0], Term::try_immediate_float(0.0));
    }
}

TEST_F(RuntimeMap, repeated_keys_in_an_instruction_are_harmless_and_the_last_counts) {
    std::vector<Term> pairs;
    for (int64_t i = 0; i < 200; ++i) pairs.insert(pairs.end(), {num(i % 5), num(i)});
    for (const Term start : {map_of({}), numbers(1, 3), numbers(100, 131), numbers(100, 200)}) {
        Term expected = start;
        for (size_t i = 0; i < pairs.size(); i += 2) expected = map_put(p, expected, pairs[i], pairs[i + 1]);
        EXPECT_TRUE(same_shape(put_map_assoc(p, start, pairs.data(), 200), expected));
        EXPECT_TRUE(same_shape(put_map_exact(p, expected, pairs.data(), 200), expected));
    }
}

TEST_F(RuntimeMap, small_become_large_beyond_32_pairs_and_back) {
    Term map = numbers(1, 32);
    EXPECT_TRUE(map.is_flat_map());
    map = map_put(p, map, num(0), num(0));
    EXPECT_TRUE(map.is_hash_map());
    EXPECT_TRUE(same_shape(map, numbers(0, 32)));
    Term gone;
    map = map_remove(p, map, num(7), &gone);
    EXPECT_EQ(gone, num(49));
    EXPECT_TRUE(map.is_flat_map());
    for (size_t i = 0; i < 32; ++i) EXPECT_EQ(flat_map_keys(map)[i], num(static_cast<int64_t>(i < 7 ? i : i + 1)));
}

/// Random puts and removes against a std::map; after each step the shape must be that of the map built at once.
void random_steps(ExecState& p, const std::vector<Term>& keys, size_t steps, unsigned seed,
                  const std::function<void()>& check_point) {
    std::mt19937 random(seed);
    std::map<size_t, int64_t> model;
    Term map;
    const auto rebuilt = [&] {
        std::vector<Term> pairs;
        for (const auto& [k, v] : model) pairs.insert(pairs.end(), {keys[k], num(v)});
        auto heap = p.reserve(map_words_bound(model.size()));
        return build_map(heap, pairs.data(), model.size(), nullptr);
    };
    map = rebuilt();
    bool growing = true;
    for (size_t step = 0; step < steps; ++step) {
        if (random() % (keys.size() / 2 + 5) == 0) growing = !growing;
        const size_t k = random() % keys.size();
        const auto v = static_cast<int64_t>(random() % 3);
        const auto it = model.find(k);
        const unsigned action = random() % 4;
        if (action == 0) {
            const Term updated = map_update(p, map, keys[k], num(v));
            ASSERT_EQ(updated.is_value(), it != model.end());
            p.pending = Pending::none;
            if (it == model.end()) continue;
            model[k] = v;
            map = updated;
        } else if ((action == 1) == growing) {
            Term gone;
            map = map_remove(p, map, keys[k], &gone);
            ASSERT_EQ(gone.is_value(), it != model.end());
            if (it == model.end()) continue;
            ASSERT_EQ(gone, num(it->second));
            model.erase(k);
        } else {
            map = map_put(p, map, keys[k], num(v));
            model[k] = v;
        }
        ASSERT_EQ(map_size(map), model.size());
        if (keys.size() > 200 && step % 64 != 0) continue;
        ASSERT_TRUE(same_shape(map, rebuilt())) << "step " << step << " size " << model.size();
        check_point();
    }
    for (const size_t k : {size_t{0}, keys.size() / 2, keys.size() - 1}) {
        const Term* place = map_find(map, keys[k]);
        ASSERT_EQ(place != nullptr, model.contains(k));
    }
}

TEST_F(RuntimeMap, random_steps_keep_the_canonical_form) {
    for (const size_t universe : {3, 40, 80, 5000}) {
        std::vector<Term> keys;
        for (size_t i = 0; i < universe; ++i) keys.push_back(num(static_cast<int64_t>(i)));
        random_steps(p, keys, universe > 1000 ? 20000 : 3000, static_cast<unsigned>(universe), [] {});
        drop();
    }
}

TEST_F(RuntimeMap, random_steps_with_keys_of_all_kinds) {
    std::vector<Term> keys = {Term::nil(), am::ok(),      am::error(),   am::undefined(),
                              map_of({}),  numbers(1, 2), numbers(1, 50)};
    for (int64_t i = 0; i < 25; ++i) {
        auto heap = p.reserve(100);
        keys.push_back(num(i));
        keys.push_back(heap.make_float(static_cast<double>(i)));
        keys.push_back(heap.tuple(num(i), am::ok()));
        keys.push_back(heap.cons(num(i), Term::nil()));
        keys.push_back(heap.binary(std::string(static_cast<size_t>(i), 'x')));
        keys.push_back(heap.integer(Term::kSmallMax + 1 + i));
    }
    random_steps(p, keys, 2000, 7, [] {});
}

TEST_F(RuntimeMap, merges_prefer_the_second_map) {
    std::mt19937 random(3);
    for (const int64_t a : {0, 1, 5, 20, 40, 400}) {
        for (const int64_t b : {0, 1, 5, 20, 40, 400}) {
            const auto offset = static_cast<int64_t>(random() % 30);
            const Term left = numbers(1, a);
            std::vector<Term> pairs;
            for (int64_t i = 0; i < b; ++i) pairs.insert(pairs.end(), {num(i + offset), am::ok()});
            const Term right = map_of(pairs);
            Term expected = left;
            for (int64_t i = 0; i < b; ++i) expected = map_put(p, expected, num(i + offset), am::ok());
            EXPECT_TRUE(same_shape(map_merge(p, left, right), expected)) << a << " " << b;
        }
    }
}

// ---- collisions: the trie with a hash that has only a few values

struct WeakHash {
    unsigned shift;
    int64_t values;
    uint32_t operator()(Term key, unsigned half) const {
        return static_cast<uint32_t>(static_cast<Word>(key.to_small() % values) << shift >> (32 * half));
    }
};

void weak_steps(ExecState& p, WeakHash hash, unsigned seed) {
    const auto empty = [&] {
        auto heap = p.reserve(4);
        Word* w = heap.raw(4);
        w[0] = make_header(Kind::map_node, 0, 0);
        w[1] = make_header(Kind::map_hash, 2);
        w[2] = num(0).word();
        w[3] = Term::boxed(w).word();
        return Term::boxed(w + 1);
    };
    std::mt19937 random(seed);
    std::map<int64_t, int64_t> model;
    Term map = empty();
    for (int step = 0; step < 1500; ++step) {
        const auto key = static_cast<int64_t>(random() % 24);
        const auto value = static_cast<int64_t>(random() % 100);
        if (random() % 2 == 0) {
            map = trie_put(p, map, num(key), num(value), hash);
            model[key] = value;
        } else {
            Term gone;
            map = trie_remove(p, map, num(key), &gone, hash);
            ASSERT_EQ(gone.is_value(), model.erase(key) == 1);
        }
        ASSERT_EQ(map_size(map), model.size());
        Term fresh = empty();
        for (const auto& [k, v] : model) {
            fresh = trie_put(p, fresh, num(k), num(v), hash);
            const TriePath path(map, num(k), hash);
            ASSERT_EQ(path.found, TriePath::Found::pair);
            ASSERT_EQ(path.nodes[path.depth][path.slots[path.depth] + 1], num(v).word());
        }
        ASSERT_TRUE(same_shape(map, fresh)) << "step " << step;
        ASSERT_NE(TriePath(map, num(99), hash).found, TriePath::Found::pair);
        size_t seen = 0;
        MapIterator it(map);
        Term k, v;
        while (it.next(&k, &v)) {
            ASSERT_TRUE(model.contains(k.to_small()));
            ++seen;
        }
        ASSERT_EQ(seen, model.size());
    }
}

TEST_F(RuntimeMap, keys_that_need_a_second_hash) {
    Term map = numbers(1, 40);
    for (const auto& [a, b] : kSameHash) {
        map = map_put(p, map_put(p, map, num(a), num(-a)), num(b), num(-b));
    }
    EXPECT_EQ(map_size(map), 40 + 2 * std::size(kSameHash));
    for (const auto& [a, b] : kSameHash) {
        ASSERT_NE(map_find(map, num(a)), nullptr);
        ASSERT_NE(map_find(map, num(b)), nullptr);
        EXPECT_EQ(*map_find(map, num(a)), num(-a));
        EXPECT_EQ(*map_find(map_update(p, map, num(b), num(7)), num(b)), num(7));
        map = map_remove(p, map, num(a));
        EXPECT_EQ(map_find(map, num(a)), nullptr);
        EXPECT_EQ(*map_find(map, num(b)), num(-b));
    }
}

TEST_F(RuntimeMap, equal_and_nearly_equal_hashes) {
    weak_steps(p, {0, 1}, 1);    // all keys collide
    weak_steps(p, {0, 5}, 2);    // at the root, then all the way down
    weak_steps(p, {60, 7}, 3);   // apart at the last level only
    weak_steps(p, {30, 24}, 4);  // no collision, long chains
    weak_steps(p, {62, 4}, 5);
}

}  // namespace
}  // namespace lintel
