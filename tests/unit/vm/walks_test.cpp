// Walks of terms that have no end: which of them give up, and what is never touched by that.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/patience.h"
#include "gc/copy.h"
#include "loader/etf.h"
#include "term/atom.h"
#include "term/compare.h"
#include "term/hash.h"
#include "term/map.h"
#include "vm/iolist.h"

namespace lintel {
namespace {

class TermWalks : public testing::Test {
protected:
    TermWalks() {
        walk_patience = {[](void* self) {
                             auto& test = *static_cast<TermWalks*>(self);
                             ++test.asked;
                             return test.may_go_on;
                         },
                         this};
    }
    ~TermWalks() override { walk_patience = Patience(); }
    /// A tuple of two of a tuple of two of ...: 2^depth leaves in three words for each level.
    Term shared(unsigned depth) {
        Term t = Term::nil();
        for (unsigned i = 0; i < depth; ++i) t = heap.tuple(t, t);
        return t;
    }

    const std::unique_ptr<HeapFragment, void (*)(HeapFragment*)> fragment{HeapFragment::create(2000),
                                                                          &HeapFragment::destroy};
    HeapBuilder heap{fragment.get()};
    unsigned asked = 0;
    bool may_go_on = false;
};

TEST_F(TermWalks, end_when_they_may_not_go_on) {
    const Term a = shared(60), b = shared(60);
    EXPECT_EQ(flat_size(a, nullptr, Walks::endable), kEndlessWords);
    EXPECT_TRUE(walk_patience.has_ended);
    EXPECT_FALSE(exactly_equal(a, b));
    EXPECT_FALSE(equal(a, b));
    EXPECT_EQ(compare(a, b), 0);
    EXPECT_EQ(compare_keys(a, b), 0);
    portable_hash(a);
    portable_hash2(a);
    size_t bits = 0;
    Term list = Term::nil();
    for (unsigned i = 0; i < 60; ++i) list = heap.cons(list, heap.cons(Term::small('x'), list));
    EXPECT_EQ(iolist_bits(list, IoListItems::bytes, &bits), IoListStatus::bad);
    AtomTable atoms;
    const EtfContext context{atoms, nullptr, false, am::nonode_at_nohost(), 0};
    std::string bytes;
    EXPECT_FALSE(encode_etf(context, a, {}, bytes));
    EXPECT_EQ(asked, 9u);
}

TEST_F(TermWalks, go_on_as_long_as_they_may) {
    may_go_on = true;
    const Term a = shared(22), b = shared(22);
    EXPECT_EQ(flat_size(a, nullptr, Walks::endable), 3 * ((size_t{1} << 22) - 1));
    EXPECT_TRUE(exactly_equal(a, b));
    EXPECT_GT(asked, 20u);
    EXPECT_FALSE(walk_patience.has_ended);
}

/// Whoever relies on the answer gets it, whatever other walks were given up on this thread.
TEST_F(TermWalks, whole_and_short_ones_never_end) {
    EXPECT_EQ(flat_size(shared(60), nullptr, Walks::endable), kEndlessWords);
    const Term a = shared(20), b = heap.tuple(shared(19), Term::small(1));
    EXPECT_EQ(flat_size(a, nullptr), 3 * ((size_t{1} << 20) - 1));
    EXPECT_LT(compare(b, heap.tuple(shared(19), Term::small(2)), Walks::whole), 0);
    EXPECT_TRUE(exactly_equal(a, shared(20), Walks::whole));
    const Term x = shared(7), y = shared(7);
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(exactly_equal(x, y));
        EXPECT_EQ(compare(x, y), 0);
        EXPECT_EQ(flat_size(x, nullptr, Walks::endable), 3 * ((size_t{1} << 7) - 1));
    }
}

TEST_F(TermWalks, internal_hash_is_the_same_always) {
    const Term a = shared(60), b = shared(60);
    const Word hash = internal_hash(a);
    may_go_on = true;
    EXPECT_EQ(internal_hash(b), hash);
    EXPECT_NE(internal_hash(shared(10)), hash);
    EXPECT_EQ(asked, 0u);
}

}  // namespace
}  // namespace lintel
