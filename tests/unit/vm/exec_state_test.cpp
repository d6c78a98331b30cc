#include "vm/exec_state.h"

#include <gtest/gtest.h>

#include "gc/collector.h"
#include "term/atom.h"

namespace lintel {
namespace {

class State : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(create_heap(p_.heap, 64));
        p_.registers = &registers_;
    }
    void TearDown() override { destroy_heap(p_.heap); }
    ExecState p_;
    RegisterFile registers_;
};

TEST_F(State, reserve_uses_the_heap_until_only_the_slack_is_left) {
    { p_.reserve(60).raw(60); }
    EXPECT_EQ(p_.heap.free_words(), kStackSlackWords);
    EXPECT_EQ(p_.heap.fragments, nullptr);
    const Term t = p_.reserve(2).cons(Term::small(1), Term::nil());
    ASSERT_NE(p_.heap.fragments, nullptr);
    EXPECT_EQ(t.cons_cell(), p_.heap.fragments->begin());
    EXPECT_EQ(p_.heap.free_words(), kStackSlackWords);
}

TEST_F(State, many_fragment_words_ask_for_a_collection) {
    p_.adopt_fragment(HeapFragment::create(64 + kFragmentSlackWords));
    EXPECT_FALSE(p_.collect_on_return);
    p_.adopt_fragment(HeapFragment::create(1));
    EXPECT_TRUE(p_.collect_on_return);
    EXPECT_EQ(p_.heap.fragment_words, 65u + kFragmentSlackWords);
}

TEST_F(State, builders_at_the_same_time_do_not_overlap) {
    { p_.reserve(60).raw(60); }
    HeapBuilder a = p_.reserve(4);
    HeapBuilder b = p_.reserve(4);
    const Term x = a.cons(Term::small(1), Term::nil());
    const Term y = b.cons(Term::small(2), Term::nil());
    const Term z = a.cons(Term::small(3), Term::nil());
    EXPECT_EQ(x.head(), Term::small(1));
    EXPECT_EQ(y.head(), Term::small(2));
    EXPECT_EQ(z.head(), Term::small(3));
}

TEST_F(State, errors_are_what_erlang_sees) {
    EXPECT_TRUE(p_.badarg().is_none());
    EXPECT_EQ(p_.pending, Pending::exception);
    EXPECT_EQ(p_.reason, am::badarg());
    p_.error_tuple(am::badmap(), Term::small(1));
    const Word* w = p_.reason.boxed_words();
    EXPECT_EQ(w[0], make_header(Kind::tuple, 2));
    EXPECT_EQ(Term(w[1]), am::badmap());
    p_.badarg_because(am::undefined());
    EXPECT_EQ(p_.reason, am::badarg());
    EXPECT_TRUE(p_.error_info.is_flat_map());
    p_.badarith();
    EXPECT_TRUE(p_.error_info.is_none());
}

TEST_F(State, trap_arguments_may_be_registers) {
    ExportEntry target;
    target.arity = 2;
    registers_.x[0] = Term::small(1);
    registers_.x[1] = Term::small(2);
    EXPECT_TRUE(p_.trap(&target, {registers_.x[1], registers_.x[0]}).is_none());
    EXPECT_EQ(p_.pending, Pending::trap);
    EXPECT_EQ(registers_.x[0], Term::small(2));
    EXPECT_EQ(registers_.x[1], Term::small(1));
    target.arity = 1;
    p_.trap(&target, std::span<const Term>(registers_.x + 1, 1));
    EXPECT_EQ(registers_.x[0], Term::small(1));
}

}  // namespace
}  // namespace lintel
