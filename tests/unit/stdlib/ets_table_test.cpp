// Tables without a VM: bags, fixed tables, locks, and what the keys in patterns stand for.

#include <gtest/gtest.h>

#include <thread>

#include "stdlib/ets/key_pattern.h"
#include "term/print.h"
#include "tests/unit/support/term_text.h"
#include "tests/unit/support/test_process.h"

namespace lintel {
namespace {

using test::TestProcess;

class EtsTable : public ::testing::Test {
protected:
    TestProcess p;
    AtomTable atoms;
    ReaderSlots readers{1};

    Term read(std::string_view text) { return test::TermReader(p, atoms, text).read(); }
    std::unique_ptr<Table> make(TableType type, size_t key_position = 1) {
        Table::Options options;
        options.type = type;
        options.key_position = key_position;
        options.write_concurrency = am::false_();
        return std::make_unique<Table>(options, am::ok(), Term::local_pid(1), 1, nullptr, readers);
    }
    void insert(Table& table, std::string_view text) {
        RowGarbage garbage(table.row_prefix());
        ASSERT_TRUE(table.insert(make_row(read(text), table.row_prefix()), garbage));
    }
    size_t remove(Table& table, std::string_view key, std::string_view object = "") {
        RowGarbage garbage(table.row_prefix());
        return table.remove(read(key), object.empty() ? Term::none() : read(object), garbage);
    }
    /// Second elements of the objects with this key, the oldest first.
    std::string values(Table& table, std::string_view key) {
        std::string text;
        table.for_each_of(read(key),
                          [&](Row* row) { text = term_text(row->element(2)) + (text.empty() ? "" : " ") + text; });
        return text;
    }
    static void fix(Table& table) {
        table.fixations = lintel::make<Fixation>();
        table.fixations->next = nullptr;
    }
    static void unfix(Table& table) {
        RowGarbage garbage(table.row_prefix());
        destroy(table.fixations);
        table.fixations = nullptr;
        table.purge_deleted(garbage);
    }
};

TEST_F(EtsTable, types_differ_in_what_is_the_same) {
    for (const auto& [type, expected] : {std::pair{TableType::set, "2"},
                                         {TableType::ordered_set, "2"},
                                         {TableType::bag, "1 2"},
                                         {TableType::duplicate_bag, "1 2 1 2"}}) {
        const auto table = make(type);
        for (const char* object : {"{a,1}", "{a,2}", "{b,1}", "{a,1}", "{a,2}"}) insert(*table, object);
        EXPECT_EQ(values(*table, "a"), expected);
        EXPECT_EQ(values(*table, "b"), "1");
        EXPECT_EQ(values(*table, "c"), "");
    }
}

TEST_F(EtsTable, order_of_a_bag_is_time) {
    const auto table = make(TableType::duplicate_bag);
    for (int i = 0; i < 50; ++i) {
        insert(*table, "{k," + std::to_string(i) + "}");
        insert(*table, "{" + std::to_string(i) + ",x}");
    }
    EXPECT_EQ(remove(*table, "k", "{k,7}"), 1u);
    std::string expected;
    for (int i = 0; i < 50; ++i) {
        if (i != 7) expected += (expected.empty() ? "" : " ") + std::to_string(i);
    }
    EXPECT_EQ(values(*table, "k"), expected);
    EXPECT_EQ(remove(*table, "k"), 49u);
    EXPECT_EQ(table->size.load(), 50u);
}

TEST_F(EtsTable, what_is_deleted_while_fixed_keeps_its_place) {
    const auto table = make(TableType::bag);
    for (int i = 0; i < 100; ++i) insert(*table, "{" + std::to_string(i) + ",x}");
    const size_t words = table->row_words.load();
    fix(*table);
    for (int i = 0; i < 90; ++i) EXPECT_EQ(remove(*table, std::to_string(i)), 1u);
    EXPECT_EQ(remove(*table, "5"), 0u);
    EXPECT_EQ(table->size.load(), 10u);
    EXPECT_EQ(table->deleted_rows, 90u);
    EXPECT_EQ(table->find(Term::small(5)), nullptr);
    EXPECT_NE(table->hash().find(Term::small(5), HashRows::hash_of(Term::small(5))), nullptr);
    insert(*table, "{5,y}");
    EXPECT_EQ(values(*table, "5"), "y");
    unfix(*table);
    EXPECT_EQ(table->hash().find(Term::small(6), HashRows::hash_of(Term::small(6))), nullptr);
    EXPECT_EQ(values(*table, "5"), "y");
    EXPECT_EQ(table->hash().row_count(), 11u);
    EXPECT_EQ(table->row_words.load(), words / 100 * 11);
    EXPECT_EQ(table->hash().bucket_count(), 256u);
}

TEST_F(EtsTable, a_deleted_key_of_a_set_comes_back_in_its_place) {
    const auto table = make(TableType::set);
    insert(*table, "{a,1}");
    fix(*table);
    EXPECT_EQ(remove(*table, "a"), 1u);
    insert(*table, "{a,2}");
    EXPECT_EQ(table->deleted_rows, 0u);
    EXPECT_EQ(table->size.load(), 1u);
    EXPECT_EQ(remove(*table, "a"), 1u);
    EXPECT_EQ(table->remove_all(), nullptr);
    unfix(*table);
    EXPECT_EQ(table->hash().row_count(), 0u);
    EXPECT_EQ(table->row_words.load(), 0u);
}

TEST_F(EtsTable, overwrites_rows_of_the_same_shape_only) {
    for (const TableType type : {TableType::set, TableType::ordered_set}) {
        const auto table = make(type, 2);
        Table::HashPlace place;
        insert(*table, "{1,a}");
        EXPECT_TRUE(table->overwrite(read("{2,a}"), &place));
        EXPECT_EQ(term_text(table->find(read("a"))->tuple()), "{2,a}");
        EXPECT_FALSE(table->overwrite(read("{2,b}"), &place));
        EXPECT_FALSE(table->overwrite(read("{2,a,3}"), &place));
        insert(*table, "{[x],a}");
        EXPECT_FALSE(table->overwrite(read("{2,a}"), &place));
        insert(*table, "{x,1}");
        // 1.0 is another key, unless the table is ordered.
        EXPECT_EQ(table->overwrite(read("{y,1.0}"), &place), type == TableType::ordered_set);
        EXPECT_EQ(term_text(table->find(read("1"))->tuple()), type == TableType::set ? "{x,1}" : "{y,1.000000e+00}");
    }
}

TEST_F(EtsTable, keys_of_patterns) {
    EXPECT_TRUE(is_ground(read("{a,[1,2|b],{{}},'$a','$',<<1>>}"), PatternMaps::match_more));
    EXPECT_FALSE(is_ground(read("{a,[1,'_'|b]}"), PatternMaps::match_more));
    EXPECT_FALSE(is_ground(read("[1,2|'$1']"), PatternMaps::match_more));
    const struct {
        const char* key;
        const char* pattern;
        int order;
    } cases[] = {
        {"{a,1}", "{a,'_'}", 0},
        {"{a,z}", "{a,'$1'}", 0},
        {"{b,1}", "{a,'_'}", 1},
        {"{'A',1}", "{a,'_'}", -1},
        {"{a}", "{a,'_'}", -1},
        {"{a,1,2}", "{a,'_'}", 1},
        {"5", "{a,'_'}", -1},
        {"[a]", "{a,'_'}", 1},
        {"[a,b]", "[a|'_']", 0},
        {"[a]", "[a|'_']", 0},
        {"[b]", "[a|'_']", 1},
        {"[]", "[a|'_']", -1},
        {"{x,1}", "{'_',1}", 0},
        {"{x,{1,2}}", "{x,{1,'$1'}}", 0},
        {"{x,{0,2}}", "{x,{1,'$1'}}", -1},
        {"{1.0,y}", "{1,'_'}", 0},
        {"abc", "abc", 0},
        {"abd", "abc", 1},
    };
    for (const auto& c : cases) {
        const int order = compare_with_pattern(read(c.key), read(c.pattern));
        EXPECT_EQ(order < 0 ? -1 : order > 0 ? 1 : 0, c.order) << c.key << " " << c.pattern;
    }
}

TEST_F(EtsTable, plans) {
    using Scan = KeyPlan::Scan;
    const auto set = make(TableType::set), tree = make(TableType::ordered_set, 2);
    const auto plan = [&](const char* spec, Table& table, bool one_range = false) {
        return KeyPlan(read(spec), table, one_range);
    };
    EXPECT_EQ(plan("[{'_',[],[x]}]", *set).scan, Scan::all);
    EXPECT_EQ(plan("[{{a,'_'},[],[x]},{'$1',[],[x]}]", *set).scan, Scan::all);
    EXPECT_EQ(plan("[{foo,[],[x]},{{},[],[x]}]", *set).scan, Scan::nothing);
    const KeyPlan keys = plan("[{{b},[],[x]},{{a,1},[],[x]},{{b,c},[],[x]},foo]", *set);
    EXPECT_EQ(keys.scan, Scan::all);  // what is no clause could be anything
    EXPECT_EQ(plan("[{{b},[],[x]},{{a,1},[],[x]},{{b,c},[],[x]}]", *set).keys.size(), 3u);
    EXPECT_EQ(plan("[{{b},[],[x]},{{'_',1},[],[x]}]", *set).scan, Scan::all);
    EXPECT_EQ(plan("[{{'_',{a,'_'}},[],[x]}]", *tree).scan, Scan::range);
    EXPECT_EQ(plan("[{{'_','_'},[],[x]}]", *tree).scan, Scan::all);
    EXPECT_EQ(plan("[{{'_'},[],[x]}]", *tree).scan, Scan::nothing);
    EXPECT_EQ(plan("[{{'_',3},[],[x]},{{'_',1},[],[x]},{{'_',1.0},[],[x]}]", *tree).keys.size(), 2u);
    EXPECT_EQ(plan("[{{'_',3},[],[x]},{{'_',1},[],[x]}]", *tree, true).scan, Scan::all);
    EXPECT_EQ(plan("[{{'_',3},[],[x]}]", *tree, true).scan, Scan::keys);
}

TEST(EtsRwLock, writers_exclude_everybody) {
    ReaderSlots slots(4);
    RwLock lock(slots);
    int64_t a = 0, b = 0;
    std::atomic<int64_t> wrong{0};
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 3000; ++i) {
                if ((i + t) % 3 == 0) {
                    const RwLockGuard guard(lock, RwLockGuard::Mode::write);
                    ++a;
                    if (i % 500 == 0) std::this_thread::yield();
                    ++b;
                } else if ((i + t) % 3 == 1) {
                    const RwLockGuard guard(lock, RwLockGuard::Mode::read);
                    if (i % 500 == 0) std::this_thread::yield();
                    if (a != b) wrong.fetch_add(1);
                } else {
                    auto* const slot = lock.lock_shared(slots[t]);
                    if (i % 500 == 0) std::this_thread::yield();
                    if (a != b) wrong.fetch_add(1);
                    lock.unlock_shared(slot);
                }
            }
        });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(wrong.load(), 0);
    EXPECT_EQ(a, 4000);
    EXPECT_EQ(b, 4000);
}

TEST(EtsRwLock, readers_of_what_nobody_writes_do_not_count) {
    ReaderSlots slots(2);
    if (!slots.can_be_used()) GTEST_SKIP() << "the system has no membarrier";
    RwLock lock(slots);
    int64_t a = 0, b = 0;
    std::atomic<int64_t> wrong{0}, by_slot{0};
    std::atomic<bool> is_over{false};
    const auto read = [&](size_t thread) {
        auto* const slot = lock.lock_shared(slots[thread]);
        if (slot != nullptr) by_slot.fetch_add(1);
        if (a != b) wrong.fetch_add(1);
        lock.unlock_shared(slot);
    };
    std::thread reader([&] {
        while (!is_over.load()) read(1);
    });
    for (int round = 0; round < 50; ++round) {
        // Until the reader goes by its slot again: a writer must find it there.
        for (const int64_t before = by_slot.load(); by_slot.load() < before + 10;) std::this_thread::yield();
        const RwLockGuard guard(lock, RwLockGuard::Mode::write);
        ++a;
        std::this_thread::yield();
        ++b;
    }
    is_over = true;
    reader.join();
    EXPECT_EQ(wrong.load(), 0);
    // Another lock meanwhile counts.
    RwLock other(slots);
    auto* outer = lock.lock_shared(slots[0]);
    while (outer == nullptr) {
        lock.unlock_shared(outer);
        outer = lock.lock_shared(slots[0]);
    }
    EXPECT_EQ(outer, &slots[0]);
    EXPECT_EQ(other.lock_shared(slots[0]), nullptr);
    other.unlock_shared(nullptr);
    lock.unlock_shared(outer);
}

}  // namespace
}  // namespace lintel
