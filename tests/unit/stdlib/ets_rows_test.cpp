// Storage of ETS objects against models from the standard library.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "stdlib/ets/hash_rows.h"
#include "stdlib/ets/tree_rows.h"
#include "term/print.h"
#include "tests/unit/support/test_process.h"

namespace lintel {
namespace {

using test::TestProcess;

class EtsRows : public ::testing::Test {
protected:
    TestProcess p;
    std::mt19937_64 random{1};

    Term pair(Term key, Term value) { return p.reserve(tuple_words(2)).tuple(key, value); }
    Term pair(int64_t key, int64_t value) { return pair(Term::small(key), Term::small(value)); }
    static int64_t key_of(const Row* row) { return row->element(1).to_small(); }
    static int64_t value_of(const Row* row) { return row->element(2).to_small(); }
};

TEST_F(EtsRows, a_row_of_immediates_takes_its_words_and_one_more) {
    Row* row = make_row(pair(1, 2), kHashRowPrefix);
    EXPECT_TRUE(row->is_flat());
    EXPECT_EQ(row->words(), 3u);
    EXPECT_EQ((kHashRowPrefix + kRowHeaderWords + row->words()) * kWordBytes, 40u);
    row->set_hash(0xdeadbeef);
    EXPECT_EQ(row->hash(), 0xdeadbeefu);
    EXPECT_EQ(row->words(), 3u);
    row->mark_deleted();
    EXPECT_TRUE(row->is_deleted());
    free_row(row, kHashRowPrefix);
}

TEST_F(EtsRows, copies_of_rows_stand_alone) {
    const Term binary = p.bin(std::string(1000, 'x'));
    BinaryData* data = reinterpret_cast<const RefcBinary*>(binary.boxed_words())->data;
    const Term odd = p.bits("\xf0\x12", 11, 3);
    const Term list = p.reserve(list_words(2)).cons(p.big({1, 2, 3}), pair(odd, Term::try_immediate_float(1.5)));
    const Term flat_object = pair(7, 8);
    const Term object = pair(pair(list, p.big({~Word{0}})), odd);
    const Term with_binary = pair(binary, pair(list, binary));
    Row* rows[] = {make_row(flat_object, 0), make_row(object, 0), make_row(with_binary, 0)};
    const Term objects[] = {flat_object, object, with_binary};
    EXPECT_EQ(data->references.load(), 3u);
    for (size_t i = 0; i < 3; ++i) {
        EXPECT_TRUE(exactly_equal(rows[i]->tuple(), objects[i]));
        EXPECT_EQ(rows[i]->has_off_heap(), i == 2);
    }
    TestProcess q;
    Term copies[3];
    for (size_t i = 0; i < 3; ++i) {
        auto heap = q.reserve(rows[i]->words());
        copies[i] = copy_row(*rows[i], heap);
        EXPECT_EQ(heap.words_left(), 0u);
    }
    const std::vector<std::string> expected = {term_text(objects[0]), term_text(objects[1]), term_text(objects[2])};
    p.clear();
    for (Row* row : rows) free_row(row, 0);
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(term_text(copies[i]), expected[i]);
    EXPECT_EQ(data->references.load(), 2u);
}

// ---- HashRows

class EtsHashRows : public EtsRows {
protected:
    HashRows rows{1, {}};

    Row* find(int64_t key) {
        return const_cast<Row*>(rows.find(Term::small(key), HashRows::hash_of(Term::small(key))));
    }
    /// As a set does.
    void put(int64_t key, int64_t value) {
        const uint32_t hash = HashRows::hash_of(Term::small(key));
        Row* row = make_row(pair(key, value), kHashRowPrefix);
        bool found;
        Row** link = rows.find_link(Term::small(key), hash, &found);
        if (found) {
            free_row(rows.replace(link, row, hash), kHashRowPrefix);
        } else {
            rows.insert(link, row, hash);
            rows.grow(hash);
        }
        p.clear();
    }
    bool erase(int64_t key) {
        bool found;
        Row** link = rows.find_link(Term::small(key), HashRows::hash_of(Term::small(key)), &found);
        if (!found) return false;
        free_row(rows.unlink(link), kHashRowPrefix);
        rows.shrink(HashRows::hash_of(Term::small(key)));
        return true;
    }
    std::map<int64_t, int64_t> contents() {
        std::map<int64_t, int64_t> all;
        size_t last = 0;
        for (const Row* row = rows.first(); row != nullptr; row = rows.next(row)) {
            const size_t bucket = rows.bucket_of(row->hash());
            EXPECT_GE(bucket, last);
            last = bucket;
            EXPECT_TRUE(all.emplace(key_of(row), value_of(row)).second);
        }
        return all;
    }
};

TEST_F(EtsHashRows, agrees_with_a_map_while_it_grows_and_shrinks) {
    std::map<int64_t, int64_t> model;
    for (int phase = 0; phase < 4; ++phase) {
        // More comes than goes, then more goes than comes.
        for (int i = 0; i < 4000; ++i) {
            const auto key = static_cast<int64_t>(random() % 3000);
            if (random() % 4 < (phase % 2 == 0 ? 3u : 1u)) {
                model[key] = i;
                put(key, i);
            } else {
                EXPECT_EQ(erase(key), model.erase(key) == 1);
            }
        }
        EXPECT_EQ(rows.row_count(), model.size());
        EXPECT_EQ(contents(), model);
        for (int64_t key = 0; key < 3000; ++key) {
            const auto at = model.find(key);
            const Row* row = find(key);
            ASSERT_EQ(row != nullptr, at != model.end());
            if (row != nullptr) {
                EXPECT_EQ(value_of(row), at->second);
            }
        }
    }
}

TEST_F(EtsHashRows, buckets_come_and_go_as_on_otp) {
    // erl: element(1, ets:info(T, stats))
    EXPECT_EQ(rows.bucket_count(), 256u);
    for (int64_t i = 0; i < 9000; ++i) {
        put(i, 0);
        EXPECT_EQ(rows.bucket_count(), std::max<size_t>(256, static_cast<size_t>(i) + 1));
    }
    for (int64_t i = 0; i < 4999; ++i) erase(i);
    const size_t full = rows.bucket_count();
    EXPECT_LT(full, 9000u);
    for (int64_t i = 4999; i < 8990; ++i) erase(i);
    EXPECT_EQ(rows.bucket_count(), 2304u);
    size_t seen = 0;
    for (size_t i = 0; i < rows.bucket_count(); ++i) {
        for (const Row* row = rows.bucket(i); row != nullptr; row = next_of(row)) ++seen;
    }
    EXPECT_EQ(seen, 10u);
}

TEST_F(EtsHashRows, parts_are_walked_one_after_the_other) {
    HashRows parted{1, {64, true}};
    EXPECT_EQ(parted.bucket_count(), 256u);
    std::vector<size_t> walked;
    size_t bucket = 0;
    do {
        walked.push_back(bucket);
        bucket = parted.next_bucket(bucket);
    } while (bucket != 0);
    EXPECT_EQ(walked.size(), 256u);
    EXPECT_EQ(walked[1], 64u);
    EXPECT_EQ(walked[4], 1u);
    EXPECT_EQ((HashRows{1, {4096, true}}.bucket_count()), 4352u);
}

TEST_F(EtsHashRows, is_freed_in_slices) {
    for (int64_t i = 0; i < 1000; ++i) put(i, 1);
    size_t slices = 1;
    while (!rows.free_some(70)) ++slices;
    EXPECT_EQ(slices, 15u);
    EXPECT_EQ(rows.row_count(), 0u);
}

// ---- TreeRows

class EtsTreeRows : public EtsRows {
protected:
    TreeRows rows{1};

    void put(int64_t key, int64_t value) {
        bool no_memory;
        Row* old = rows.insert(make_row(pair(key, value), kTreeRowPrefix), &no_memory);
        EXPECT_FALSE(no_memory);
        if (old != nullptr) free_row(old, kTreeRowPrefix);
        p.clear();
    }
    bool erase(int64_t key) {
        Row* row = rows.remove(Term::small(key));
        if (row != nullptr) free_row(row, kTreeRowPrefix);
        return row != nullptr;
    }
    /// Forwards and backwards.
    void expect_is(const std::map<int64_t, int64_t>& model) {
        EXPECT_EQ(rows.row_count(), model.size());
        auto at = rows.first();
        for (const auto& [key, value] : model) {
            ASSERT_FALSE(at.is_end());
            EXPECT_EQ(key_of(at.row()), key);
            EXPECT_EQ(value_of(at.row()), value);
            at.next();
        }
        EXPECT_TRUE(at.is_end());
        at = rows.last();
        for (auto it = model.rbegin(); it != model.rend(); ++it, at.previous()) {
            ASSERT_FALSE(at.is_end());
            EXPECT_EQ(key_of(at.row()), it->first);
        }
        EXPECT_TRUE(at.is_end());
    }
};

TEST_F(EtsTreeRows, agrees_with_a_map) {
    std::map<int64_t, int64_t> model;
    for (int phase = 0; phase < 6; ++phase) {
        for (int i = 0; i < 3000; ++i) {
            const auto key = static_cast<int64_t>(random() % 2000);
            if (random() % 4 < (phase % 2 == 0 ? 3u : 1u)) {
                model[key] = i;
                put(key, i);
            } else {
                EXPECT_EQ(erase(key), model.erase(key) == 1);
            }
        }
        expect_is(model);
        for (int64_t key = -1; key <= 2000; ++key) {
            const auto ge = model.lower_bound(key), gt = model.upper_bound(key);
            const Term k = Term::small(key);
            const auto name = [](TreeRows::Position at) { return at.is_end() ? -9 : key_of(at.row()); };
            EXPECT_EQ(name(rows.lower_bound(k, false)), ge == model.end() ? -9 : ge->first);
            EXPECT_EQ(name(rows.lower_bound(k, true)), gt == model.end() ? -9 : gt->first);
            EXPECT_EQ(name(rows.upper_bound(k, false)), gt == model.begin() ? -9 : std::prev(gt)->first);
            EXPECT_EQ(name(rows.upper_bound(k, true)), ge == model.begin() ? -9 : std::prev(ge)->first);
            EXPECT_EQ(name(rows.at(k)), model.contains(key) ? key : -9);
            EXPECT_EQ(rows.find(k) != nullptr, model.contains(key));
        }
    }
}

TEST_F(EtsTreeRows, ascending_and_descending_keys) {
    for (const bool up : {true, false}) {
        std::map<int64_t, int64_t> model;
        for (int64_t i = 0; i < 5000; ++i) {
            const int64_t key = up ? i : 5000 - i;
            put(key, i);
            model[key] = i;
        }
        expect_is(model);
        // In whatever order they go, also from the small nodes at the end.
        while (!model.empty()) {
            auto victim = random() % 2 == 0 ? model.begin() : std::prev(model.end());
            if (random() % 3 == 0) victim = model.lower_bound(static_cast<int64_t>(random() % 5000));
            if (victim == model.end()) continue;
            EXPECT_TRUE(erase(victim->first));
            model.erase(victim);
            if (model.size() % 500 == 0) expect_is(model);
        }
        expect_is(model);
        EXPECT_EQ(rows.bytes(), 0u);
    }
}

TEST_F(EtsTreeRows, full_leaves_make_little_waste) {
    for (int64_t i = 0; i < 10000; ++i) put(i, i);
    EXPECT_LT(rows.bytes(), 10000u * 24);
}

TEST_F(EtsTreeRows, numbers_are_keys_by_value) {
    put(1, 10);
    bool no_memory;
    Row* old = rows.insert(make_row(pair(Term::try_immediate_float(1.0), Term::small(11)), kTreeRowPrefix), &no_memory);
    ASSERT_NE(old, nullptr);
    EXPECT_EQ(value_of(old), 10);
    free_row(old, kTreeRowPrefix);
    EXPECT_EQ(rows.row_count(), 1u);
    EXPECT_NE(rows.find(Term::small(1)), nullptr);
    // Keys that are not immediates are compared in their rows.
    for (Word i = 1; i < 100; ++i)
        EXPECT_EQ(rows.insert(make_row(pair(p.big({0, i}), Term::nil()), kTreeRowPrefix), &no_memory), nullptr);
    EXPECT_NE(rows.find(p.big({0, 50})), nullptr);
    EXPECT_EQ(rows.find(p.big({1, 50})), nullptr);
}

TEST_F(EtsTreeRows, is_freed_in_slices) {
    for (int64_t i = 0; i < 3000; ++i) put(i * 7 % 3000, 1);
    size_t slices = 1;
    while (!rows.free_some(100)) ++slices;
    EXPECT_GT(slices, 25u);
    EXPECT_EQ(rows.row_count(), 0u);
    EXPECT_EQ(rows.bytes(), 0u);
}

}  // namespace
}  // namespace lintel
