#include "gc/copy.h"

#include <gtest/gtest.h>

#include <vector>

#include "gc/collector.h"
#include "term/bits.h"

namespace lintel {
namespace {

TEST(LiteralSpace, areas_are_reused_and_merged) {
    LiteralSpace space(1 << 20);
    LiteralArea* a = space.create(1000);
    LiteralArea* b = space.create(1000);
    LiteralArea* c = space.create(1000);
    ASSERT_TRUE(a != nullptr && b != nullptr && c != nullptr);
    EXPECT_TRUE(space.contains(a->begin));
    EXPECT_TRUE(space.contains(Term::cons(c->end - 2)));
    EXPECT_FALSE(space.contains(Term::small(1)));
    EXPECT_EQ(space.used_bytes(), 24000u);
    Word* first = a->begin;
    first[0] = 1;
    space.destroy(a);
    space.destroy(b);
    LiteralArea* d = space.create(2000);  // fits only into both
    EXPECT_EQ(d->begin, first);
    EXPECT_EQ(first[0], 0u);
    EXPECT_EQ(space.create(size_t{1} << 20), nullptr);
    EXPECT_EQ(space.create(~size_t{0} / 2), nullptr);
    LiteralArea* empty = space.create(0);
    EXPECT_TRUE(space.contains(empty->begin));
    for (LiteralArea* area : {c, d, empty}) space.destroy(area);
    EXPECT_EQ(space.used_bytes(), 0u);
    LiteralArea* all = space.create(100000);
    EXPECT_EQ(all->begin, first);
    space.destroy(all);
}

TEST(LiteralSpace, serves_what_the_system_grants) {
    LiteralSpace space(size_t{1} << 60);  // more than any address space
    LiteralArea* area = space.create(10);
    ASSERT_NE(area, nullptr);
    area->begin[9] = 1;
    space.destroy(area);
}

class Copy : public testing::Test {
protected:
    ~Copy() override {
        for (HeapFragment* f : fragments_) HeapFragment::destroy(f);
    }
    HeapBuilder builder(size_t words) { return HeapBuilder(fragment(words)); }
    HeapFragment* fragment(size_t words) {
        fragments_.push_back(HeapFragment::create(words));
        return fragments_.back();
    }
    /// A copy that fills a fragment of flat_size words exactly.
    Term copy(Term t, const LiteralSpace* shared = nullptr) {
        Term result;
        HeapFragment* f = copy_to_fragment(t, &result, shared);
        if (f == nullptr) return result;
        EXPECT_EQ(f->top, f->end);
        fragments_.push_back(f);
        return result;
    }
    std::vector<HeapFragment*> fragments_;
};

TEST_F(Copy, immediates_and_shared_terms_need_no_fragment) {
    LiteralSpace space(1 << 20);
    LiteralArea* area = space.create(2);
    const Term literal = HeapBuilder(&area->top, 2, &area->off_heap).cons(Term::small(1), Term::nil());
    Term t;
    EXPECT_EQ(copy_to_fragment(Term::small(5), &t, nullptr), nullptr);
    EXPECT_EQ(t, Term::small(5));
    EXPECT_EQ(copy_to_fragment(literal, &t, &space), nullptr);
    EXPECT_EQ(t, literal);
    EXPECT_EQ(flat_size(literal, &space), 0u);
    EXPECT_EQ(flat_size(literal, nullptr), 2u);
    const Term mixed = builder(5).tuple(literal, Term::small(2), literal);
    EXPECT_EQ(flat_size(mixed, &space), 4u);
    const Term with = copy(mixed, &space);
    EXPECT_EQ(Term(with.boxed_words()[1]), literal);
    const Term without = copy(mixed);
    EXPECT_NE(Term(without.boxed_words()[1]), literal);
    EXPECT_EQ(Term(without.boxed_words()[3]).head(), Term::small(1));
    space.destroy(area);
}

TEST_F(Copy, an_area_on_its_way_out_is_counted_first_and_copied_later) {
    LiteralSpace space(1 << 20);
    LiteralArea* leaving = space.create(2);
    LiteralArea* staying = space.create(2);
    const Term old = HeapBuilder(&leaving->top, 2, &leaving->off_heap).cons(Term::small(1), Term::nil());
    const Term other = HeapBuilder(&staying->top, 2, &staying->off_heap).cons(Term::small(2), Term::nil());
    const Term both = builder(3).tuple(old, other);
    space.stop_counting(leaving);
    EXPECT_EQ(flat_size(both, &space), 5u);
    {
        HeapFragment* f = fragment(5);
        HeapBuilder heap(f);
        EXPECT_EQ(Term(copy_term(both, heap, &space).boxed_words()[1]), old) << "still shared, with room to spare";
    }
    space.stop_sharing();
    const Term copied = copy(both, &space);
    EXPECT_NE(Term(copied.boxed_words()[1]), old);
    EXPECT_EQ(Term(copied.boxed_words()[1]).head(), Term::small(1));
    EXPECT_EQ(Term(copied.boxed_words()[2]), other);
    EXPECT_NE(copy(old, &space), old);
    EXPECT_EQ(copy(other, &space), other);
    space.share_again();
    EXPECT_EQ(flat_size(both, &space), 3u);
    EXPECT_EQ(copy(old, &space), old);
    space.destroy(leaving);
    space.destroy(staying);
}

TEST_F(Copy, sizes_agree_with_erts_debug_flat_size) {
    // erl: [erts_debug:flat_size(T) || T <- [{}, {1,2}, [1,2,3], [[1],[2]], {[1],{2}}]].  =>  1,3,6,8,7
    HeapBuilder b = builder(64);
    const auto cons = [&](Term h, Term t) { return b.cons(h, t); };
    const Term one = Term::small(1), nil = Term::nil();
    EXPECT_EQ(flat_size(b.tuple(), nullptr), 1u);
    EXPECT_EQ(flat_size(b.tuple(one, one), nullptr), 3u);
    EXPECT_EQ(flat_size(cons(one, cons(one, cons(one, nil))), nullptr), 6u);
    EXPECT_EQ(flat_size(cons(cons(one, nil), cons(cons(one, nil), nil)), nullptr), 8u);
    EXPECT_EQ(flat_size(b.tuple(cons(one, nil), b.tuple(one)), nullptr), 7u);
    const Term shared = cons(one, nil);
    EXPECT_EQ(flat_size(b.tuple(shared, shared), nullptr), 7u);
}

TEST_F(Copy, lists_come_out_contiguous_and_mixed_lists_right) {
    HeapBuilder b = builder(100);
    Term list = Term::nil();
    for (int i = 0; i < 10; ++i) list = b.cons(i % 3 == 0 ? b.tuple(Term::small(i)) : Term::small(i), list);
    Term improper = b.cons(Term::small(1), b.tuple(Term::small(2), list));
    improper = b.cons(Term::small(0), improper);
    const Term c = copy(improper);
    EXPECT_EQ(c.head(), Term::small(0));
    EXPECT_EQ(c.tail().cons_cell(), c.cons_cell() + 2);
    Term l(c.tail().tail().boxed_words()[2]);
    for (int i = 9; i >= 0; --i, l = l.tail()) {
        const Term element = i % 3 == 0 ? Term(l.head().boxed_words()[1]) : l.head();
        EXPECT_EQ(element, Term::small(i));
    }
    EXPECT_TRUE(l.is_nil());
}

TEST_F(Copy, raw_words_are_not_followed) {
    HeapBuilder b = builder(100);
    Word* fun = b.raw(4);
    fun[0] = make_header(Kind::fun, 3, 2);
    fun[1] = Term::cons(fun).word();
    fun[2] = Term::local_pid(3).word();
    fun[3] = b.tuple(Term::small(9)).word();
    const Word limbs[] = {Term::cons(fun).word(), Term::boxed(fun).word()};
    const Term big = b.integer_from_limbs(limbs, true);
    const Term c = copy(b.tuple(Term::boxed(fun), big, b.ref(1, 2)));
    const Word* f = Term(c.boxed_words()[1]).boxed_words();
    EXPECT_EQ(f[1], Term::cons(fun).word());
    EXPECT_EQ(f[2], Term::local_pid(3).word());
    EXPECT_EQ(Term(Term(f[3]).boxed_words()[1]), Term::small(9));
    EXPECT_EQ(Term(c.boxed_words()[2]).boxed_words()[2], limbs[1]);
}

TEST_F(Copy, binaries_share_data_and_short_parts_are_copied) {
    uint8_t* bytes;
    HeapFragment* source = fragment(40);
    HeapBuilder b(source);
    const Term large = b.binary_of(1000, &bytes);
    for (size_t i = 0; i < 1000; ++i) bytes[i] = static_cast<uint8_t>(i * 7);
    auto* handle = reinterpret_cast<RefcBinary*>(large.boxed_words());
    handle->flags = RefcBinary::kWritable;
    const Term terms[] = {large, b.sub_bits(large, 13, 64), b.sub_bits(large, 13, 61), b.sub_bits(large, 80, 6400),
                          b.sub_bits(large, 0, 0)};
    EXPECT_EQ(flat_size(terms[1], nullptr), 2u);
    EXPECT_EQ(flat_size(terms[2], nullptr), 2u + 4u);
    EXPECT_EQ(flat_size(terms[3], nullptr), 5u + 4u);
    for (const Term t : terms) {
        const Term c = copy(t);
        EXPECT_EQ(as_bits(c).size, as_bits(t).size);
        EXPECT_TRUE(equal_bits(as_bits(c), as_bits(t)));
    }
    EXPECT_EQ(handle->data->references.load(), 3u);  // large and the long part
    EXPECT_EQ(reinterpret_cast<RefcBinary*>(copy(large).boxed_words())->flags, 0u);
    EXPECT_EQ(source->off_heap.bytes, 1000u);
}

TEST_F(Copy, deep_and_wide_terms_need_no_stack) {
    constexpr size_t kDepth = 1000000;
    HeapBuilder b = builder(kDepth * 7 + 10);
    Term heads = Term::nil(), tails = Term::nil(), both = Term::nil();
    for (size_t i = 0; i < kDepth; ++i) {
        heads = b.cons(heads, Term::small(1));
        tails = b.cons(Term::small(1), tails);
        both = b.tuple(both, Term::small(1));
    }
    const Term all = b.tuple(heads, tails, both);
    EXPECT_EQ(flat_size(all, nullptr), kDepth * 7 + 4);
    const Term c = copy(all);
    size_t n = 0;
    for (Term t(c.boxed_words()[1]); t.is_cons(); t = t.head()) ++n;
    for (Term t(c.boxed_words()[2]); t.is_cons(); t = t.tail()) ++n;
    for (Term t(c.boxed_words()[3]); t.is_boxed(); t = Term(t.boxed_words()[1])) ++n;
    EXPECT_EQ(n, 3 * kDepth);
}

TEST_F(Copy, builders_give_back_what_is_left) {
    HeapFragment* f = fragment(20);
    {
        HeapBuilder b(f);
        EXPECT_EQ(b.words_left(), 20u);
        b.cons(Term::small(1), Term::nil());
    }
    EXPECT_EQ(f->used_words(), 2u);
    HeapBuilder outer(&f->top, 10, &f->off_heap);
    { HeapBuilder inner(&f->top, 5, &f->off_heap); }
    EXPECT_EQ(outer.words_left(), 10u);
}

TEST_F(Copy, builders_make_integers_floats_and_text) {
    HeapBuilder b = builder(100);
    EXPECT_TRUE(b.integer(Term::kSmallMin).is_small());
    EXPECT_TRUE(b.integer(Term::kSmallMin - 1).is_bignum());
    EXPECT_EQ(b.integer(INT64_MIN).boxed_words()[1], Word{1} << 63);
    EXPECT_TRUE(b.unsigned_integer(~Word{0}).is_bignum());
    const Word limbs[] = {Word{1} << 60, 0, 0};
    EXPECT_EQ(b.integer_from_limbs(limbs, true), Term::small(Term::kSmallMin));
    EXPECT_TRUE(b.integer_from_limbs(limbs, false).is_bignum());
    EXPECT_EQ(b.integer_from_limbs({}, true), Term::small(0));
    EXPECT_TRUE(b.make_float(1e300).is_kind(Kind::boxed_float));
    EXPECT_TRUE(b.make_float(-0.0).is_immediate());
    const Term s = b.string("a\xc3\xa9\xff", Term::small(0));
    EXPECT_EQ(s.head(), Term::small('a'));
    EXPECT_EQ(s.tail().head(), Term::small(0xe9));
    EXPECT_EQ(s.tail().tail().head(), Term::small(0xff));
    EXPECT_EQ(s.tail().tail().tail(), Term::small(0));
    EXPECT_EQ(b.byte_list("\xc3").head(), Term::small(0xc3));
    uint8_t* bytes;
    const Term bits = b.bitstring_of(13, &bytes);
    EXPECT_EQ(as_bits(bits).size, 13u);
    EXPECT_EQ(b.sub_bits(bits, 0, 13), bits);
    EXPECT_TRUE(b.sub_bits(bits, 1, 5).is_kind(Kind::sub_binary));
}

}  // namespace
}  // namespace lintel
