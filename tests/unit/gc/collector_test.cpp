/// The collector against a model: a random program builds terms and, beside each, a node that says what it is. After
/// every collection the terms reachable from roots and stack must look like their nodes, shared parts still shared.
#include "gc/collector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <unordered_map>
#include <vector>

#include "gc/heap_builder.h"
#include "gc/heap_walk.h"

namespace lintel {
namespace {

struct CountedMagic final : Magic {
    explicit CountedMagic(int* n) : live(n) { ++*live; }
    ~CountedMagic() override { --*live; }
    int* live;
};

/// What a boxed or cons term should be. `words` are all its words; those at `children` refer to other nodes.
struct Node {
    Word immediate = 0;  ///< if not 0, this is all
    bool cons = false;
    std::vector<Word> words;
    std::vector<std::pair<size_t, size_t>> children;  ///< word index -> node
    size_t ignored = 0;                               ///< index of a word that the collector may write, or 0
    bool is_context = false;
};

struct Value {
    Term term;
    size_t node = 0;
};

class Machine {
public:
    /// With `large` tuples the heap gets so large that mature terms are promoted in place.
    Machine(unsigned seed, size_t first_block, bool large) : random_(seed), slots_(24), large_(large) {
        EXPECT_TRUE(create_heap(heap_, first_block));
        for (Value& v : slots_) v = immediate(Term::nil());
        make_literals();
    }
    ~Machine() {
        destroy_heap(heap_);
        literals_.destroy(area_);
        EXPECT_EQ(magics_, 0);
        for (BinaryData* data : binaries_) {
            EXPECT_EQ(data->references.load(), 1u);
            data->release_reference();
        }
    }

    /// Returns how often the young block became the old one.
    int run(int steps) {
        for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) step();
        collect_and_check(true, 0, true);
        return promoted_in_place_;
    }

private:
    size_t pick(size_t n) { return random_() % n; }
    Value& slot() { return slots_[pick(slots_.size())]; }
    Value immediate(Term t) {
        nodes_.push_back(Node{});
        nodes_.back().immediate = t.word();
        return {t, nodes_.size() - 1};
    }

    void make_literals() {
        area_ = literals_.create(32);
        HeapBuilder heap(&area_->top, 32, &area_->off_heap);
        const Term list = heap.cons(Term::small(1), heap.cons(Term::small(2), Term::nil()));
        literal_ = immediate(heap.tuple(list, Term::small(3)));
        Word* w = literal_.term.boxed_words();
        nodes_[literal_.node].immediate = Term::boxed(w).word();  // must stay where it is
    }

    HeapBuilder reserve(size_t words) {
        if (pick(8) != 0) {
            if (heap_.free_words() < words + kStackSlackWords)
                collect_and_check(pick(6) == 0, words + kStackSlackWords, false);
            return HeapBuilder(&heap_.htop, words, &heap_.off_heap);
        }
        HeapFragment* f = HeapFragment::create(words + pick(3));
        f->next = heap_.fragments;
        heap_.fragments = f;
        heap_.fragment_words += words;
        return HeapBuilder(f);
    }

    /// Notes that `t` with `words` words is new; children are found from `from`, the values it was made of, by their
    /// terms.
    Value note(Term t, size_t words, const std::vector<std::pair<size_t, Value>>& children) {
        Node n;
        n.cons = t.is_cons();
        const Word* w = n.cons ? t.cons_cell() : t.boxed_words();
        n.words.assign(w, w + words);
        for (const auto& [at, v] : children) n.children.emplace_back(at, v.node);
        nodes_.push_back(std::move(n));
        return {t, nodes_.size() - 1};
    }

    /// A boxed term of `kind`: raw words, then terms.
    Value object(Kind kind, std::vector<Word> raw, size_t terms, uint32_t aux = 0) {
        const size_t size = raw.size() + terms;
        HeapBuilder heap = reserve(1 + size);
        Word* w = heap.raw(1 + size);
        *w = make_header(kind, size, aux);
        std::copy(raw.begin(), raw.end(), w + 1);
        std::vector<std::pair<size_t, Value>> children;
        for (size_t i = 1 + raw.size(); i <= size; ++i) {
            const Value& v = slot();
            w[i] = v.term.word();
            children.emplace_back(i, v);
        }
        return note(Term::boxed(w), 1 + size, children);
    }

    /// Looks like a pointer, is none.
    Word trap_word() { return reinterpret_cast<Word>(heap_.start + pick(8)) | pick(3); }

    Value binary() {
        if (pick(2) == 0) {
            uint8_t bytes[64];
            const size_t n = pick(65);
            for (auto& b : bytes) b = static_cast<uint8_t>(random_());
            HeapBuilder heap = reserve(binary_words(n));
            const Term t = heap.binary(bytes, n);
            return note(t, binary_words(n), {});
        }
        BinaryData* data =
            binaries_.empty() || pick(3) == 0 ? BinaryData::create(200) : binaries_[pick(binaries_.size())];
        if (std::find(binaries_.begin(), binaries_.end(), data) == binaries_.end()) binaries_.push_back(data);
        HeapBuilder heap = reserve(kRefcBinaryWords);
        data->retain();
        const Value v = note(heap.refc_binary(data, 100 + pick(100)), kRefcBinaryWords, {});
        nodes_.back().ignored = 2;
        return v;
    }

    Value part_of_binary() {
        Value& place = slot();
        place = binary();
        if (pick(2) == 0) {
            HeapBuilder heap = reserve(kSubBinaryWords);  // may move `place`, which is a root
            Word* w = heap.raw(kSubBinaryWords);
            *reinterpret_cast<SubBinary*>(w) = {make_header(Kind::sub_binary, 3), place.term, trap_word(), trap_word()};
            return note(Term::boxed(w), kSubBinaryWords, {{1, place}});
        }
        const size_t saved = pick(3);
        HeapBuilder heap = reserve(kMatchContextWords + saved);
        Word* w = heap.raw(kMatchContextWords + saved);
        *w = make_header(Kind::match_context, kMatchContextWords - 1 + saved);
        w[1] = place.term.word();
        w[2] = reinterpret_cast<Word>(base_of(place.term));
        for (size_t i = 3; i < kMatchContextWords + saved; ++i) w[i] = trap_word();
        const Value v = note(Term::boxed(w), kMatchContextWords + saved, {{1, place}});
        nodes_.back().ignored = 2;
        nodes_.back().is_context = true;
        return v;
    }

    static const uint8_t* base_of(Term t) {
        const Word* w = t.boxed_words();
        return t.is_kind(Kind::refc_binary) ? reinterpret_cast<const RefcBinary*>(w)->data->bytes
                                            : reinterpret_cast<const uint8_t*>(w + 1);
    }

    Value make_value() {
        if (large_ && pick(4) == 0) return object(Kind::tuple, {}, pick(2000));
        switch (pick(14)) {
            case 0:
            case 1:
            case 2: {
                HeapBuilder heap = reserve(kConsWords);
                const Value a = slot(), b = slot();
                return note(heap.cons(a.term, b.term), kConsWords, {{0, a}, {1, b}});
            }
            case 3: return immediate(Term::small(static_cast<int64_t>(random_()) - (1 << 30)));
            case 4: return object(Kind::tuple, {}, pick(10) == 0 ? pick(300) : pick(6));
            case 5: return object(Kind::map_flat, {}, 1 + pick(5));
            case 6: return object(static_cast<Kind>(3 + pick(3)), {}, 1 + pick(6), static_cast<uint32_t>(random_()));
            case 7: return object(Kind::fun, {trap_word()}, 1 + pick(4));
            case 8: return object(Kind::bignum, {trap_word(), trap_word(), 7}, 0);
            case 9: return object(Kind::external_pid, {trap_word(), trap_word(), trap_word()}, 0);
            case 10: {
                HeapBuilder heap = reserve(kMagicRefWords);
                auto* magic = new CountedMagic(&magics_);
                const Value v = note(heap.magic_ref(magic, trap_word(), trap_word()), kMagicRefWords, {});
                nodes_.back().ignored = 2;
                return v;
            }
            case 11: return binary();
            case 12: return part_of_binary();
            default: return literal_;
        }
    }

    void step() {
        const size_t what = pick(100);
        if (what < 70) {
            const Value v = make_value();
            slot() = v;
        } else if (what < 75) {  // into a term: its parent may die
            Value& v = slot();
            const Node& n = nodes_[v.node];
            if (n.children.empty() || n.is_context) return;
            const auto [at, child] = n.children[pick(n.children.size())];
            const Word* w = n.cons ? v.term.cons_cell() : v.term.boxed_words();
            v = {Term(w[at]), child};
        } else if (what < 85) {
            slot() = immediate(Term::nil());
        } else if (what < 95) {
            if (heap_.free_words() < 2) collect_and_check(false, 2, false);
            static const int handler = 0;
            const size_t kind = pick(4);
            const Value v = kind == 0   ? immediate(Term((trap_word() & ~Word{7}) | static_cast<Word>(Tag::code)))
                            : kind == 1 ? immediate(Term::catch_mark(&handler))
                                        : slot();
            *--heap_.stack_top = v.term.word();
            stack_.push_back(v.node);
        } else if (what < 98) {
            const size_t n = std::min(stack_.size(), pick(20));
            heap_.stack_top += n;
            stack_.resize(stack_.size() - n);
        } else {
            collect_and_check(pick(4) == 0, pick(3) == 0 ? pick(2000) : pick(20), pick(10) == 0);
        }
    }

    void collect_and_check(bool major, size_t need, bool shrink) {
        std::vector<Term> registers;
        for (const Value& v : slots_) registers.push_back(v.term);
        const RootSpan spans[2] = {{registers.data(), 10}, {registers.data() + 10, registers.size() - 10}};
        CollectionRequest request;
        request.need_words = need;
        request.force_major = major;
        request.shrink_to_fit = shrink;
        CollectionStats stats;
        const Word* start = heap_.start;
        ASSERT_EQ(collect(heap_, literals_, spans, request, stats), CollectionResult::done);
        if (heap_.old_start == start) ++promoted_in_place_;
        ASSERT_GE(heap_.free_words(), need);
        if (shrink) {
            ASSERT_EQ(heap_.free_words(), need);
        }
        if (major) {
            ASSERT_TRUE(stats.was_major && is_compact(heap_));
        }
        ASSERT_EQ(heap_.fragments, nullptr);
        ASSERT_EQ(heap_.stack_words(), stack_.size());
        for (size_t i = 0; i < slots_.size(); ++i) slots_[i].term = registers[i];
        check(stats.was_major);
    }

    void check(bool was_major) {
        std::vector<std::pair<size_t, Word>> work;
        for (const Value& v : slots_) work.emplace_back(v.node, v.term.word());
        for (size_t i = 0; i < stack_.size(); ++i)
            work.emplace_back(stack_[i], heap_.end[-1 - static_cast<ptrdiff_t>(i)]);
        std::unordered_map<size_t, Word> seen;
        std::unordered_map<Word, size_t> handles;
        size_t magics = 0, words = 0;
        while (!work.empty()) {
            const auto [node, word] = work.back();
            work.pop_back();
            const Node& n = nodes_[node];
            if (n.immediate != 0) {
                ASSERT_EQ(n.immediate, word);
                continue;
            }
            const auto [it, fresh] = seen.emplace(node, word);
            ASSERT_EQ(it->second, word) << "sharing lost";
            if (!fresh) continue;
            const Term t(word);
            ASSERT_EQ(t.is_cons(), n.cons);
            ASSERT_TRUE(t.is_cons() || t.is_boxed());
            const Word* w = n.cons ? t.cons_cell() : t.boxed_words();
            ASSERT_TRUE((w >= heap_.start && w < heap_.htop) || (w >= heap_.old_start && w < heap_.old_top));
            words += n.words.size();
            std::vector<bool> is_child(n.words.size());
            for (const auto& [at, child] : n.children) {
                is_child[at] = true;
                work.emplace_back(child, w[at]);
            }
            for (size_t i = 0; i < n.words.size(); ++i) {
                if (!is_child[i] && !(n.ignored != 0 && i == n.ignored)) {
                    ASSERT_EQ(n.words[i], w[i]);
                }
            }
            if (n.is_context) {
                ASSERT_EQ(w[2], reinterpret_cast<Word>(base_of(Term(w[1]))));
            }
            if (t.is_kind(Kind::refc_binary)) ++handles[w[1]];
            if (t.is_kind(Kind::magic_ref)) ++magics;
        }
        if (!was_major) return;
        ASSERT_EQ(words, static_cast<size_t>(heap_.htop - heap_.start))
            << "a major collection keeps exactly what lives";
        ASSERT_EQ(static_cast<size_t>(magics_), magics);
        size_t bytes = 0;
        for (BinaryData* data : binaries_)
            ASSERT_EQ(data->references.load(), 1 + handles[reinterpret_cast<Word>(data)]);
        for (Word* o = heap_.off_heap.first; o != nullptr; o = reinterpret_cast<RefcBinary*>(o)->next_off_heap) {
            if (header_kind(*o) == Kind::refc_binary) bytes += reinterpret_cast<RefcBinary*>(o)->bytes;
        }
        ASSERT_EQ(bytes, heap_.off_heap.bytes);
    }

    std::mt19937 random_;
    LiteralSpace literals_{1 << 20};
    LiteralArea* area_ = nullptr;
    Heap heap_;
    std::vector<Value> slots_;
    std::vector<size_t> stack_;  ///< nodes, bottom first
    std::vector<Node> nodes_;
    std::vector<BinaryData*> binaries_;
    int magics_ = 0;
    Value literal_;
    bool large_;
    int promoted_in_place_ = 0;
};

TEST(Collector, random_programs_keep_their_terms) {
    int promoted_in_place = 0;
    for (unsigned seed = 1; seed <= 30 && !HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        promoted_in_place += Machine(seed, seed % 2 == 0 ? 64 : 233, seed % 10 == 0).run(seed % 10 == 0 ? 500 : 3000);
    }
    EXPECT_GT(promoted_in_place, 0);
}

class PlainHeap : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(create_heap(heap_, 64)); }
    void TearDown() override { destroy_heap(heap_); }
    CollectionResult run(const CollectionRequest& request) {
        const RootSpan span{&root_, 1};
        return collect(heap_, literals_, {&span, 1}, request, stats_);
    }
    HeapBuilder reserve(size_t words) { return HeapBuilder(&heap_.htop, words, &heap_.off_heap); }

    LiteralSpace literals_{1 << 20};
    Heap heap_;
    Term root_ = Term::nil();
    CollectionStats stats_;
};

TEST_F(PlainHeap, list_of_a_million_and_nesting_of_a_million) {
    constexpr int64_t kCells = 1000000;
    ASSERT_EQ(run({.need_words = 4 * kCells}), CollectionResult::done);
    HeapBuilder heap = reserve(4 * kCells);
    Term list = Term::nil(), nested = Term::nil();
    for (int64_t i = 0; i < kCells; ++i) list = heap.cons(Term::small(i), list);
    for (int64_t i = 0; i < kCells; ++i) nested = heap.cons(nested, Term::nil());
    root_ = list;
    *--heap_.stack_top = nested.word();
    for (const bool major : {false, false, true, false}) {
        ASSERT_EQ(run({.force_major = major}), CollectionResult::done);
        ASSERT_EQ(stats_.live_words, 4u * kCells);
        Term l = root_;
        for (int64_t i = kCells - 1; i >= 0; --i, l = l.tail()) ASSERT_EQ(l.head(), Term::small(i));
        int64_t depth = 0;
        for (Term t(*heap_.stack_top); t.is_cons(); t = t.head()) ++depth;
        ASSERT_EQ(depth, kCells);
    }
    root_ = Term::nil();
    *heap_.stack_top = Term::nil().word();
    ASSERT_EQ(run({.force_major = true, .min_block_words = 233}), CollectionResult::done);
    EXPECT_EQ(stats_.live_words, 0u);
    EXPECT_EQ(stats_.reclaimed_words, 4u * kCells);
    EXPECT_EQ(heap_.block_words(), 233u);
}

TEST_F(PlainHeap, survivors_are_promoted_at_the_second_minor_collection) {
    root_ = reserve(2).cons(Term::small(1), Term::nil());
    ASSERT_EQ(run({}), CollectionResult::done);
    EXPECT_EQ(heap_.old_start, nullptr);
    EXPECT_EQ(root_.cons_cell(), heap_.start);
    ASSERT_EQ(run({}), CollectionResult::done);
    EXPECT_EQ(root_.cons_cell(), heap_.old_start);
    EXPECT_EQ(heap_.htop, heap_.start);
    const Word* where = root_.cons_cell();
    ASSERT_EQ(run({}), CollectionResult::done);
    EXPECT_EQ(root_.cons_cell(), where);
    // Dead in the old generation: only a major collection sees it.
    root_ = Term::nil();
    ASSERT_EQ(run({}), CollectionResult::done);
    EXPECT_EQ(stats_.live_words, 2u);
    ASSERT_EQ(run({.force_major = true}), CollectionResult::done);
    EXPECT_EQ(stats_.live_words, 0u);
}

TEST_F(PlainHeap, minor_becomes_major_when_the_old_block_is_full) {
    bool major = false;
    for (int i = 0; i < 2000 && !major; ++i) {
        if (heap_.free_words() < 6) {
            ASSERT_EQ(run({.need_words = 6}), CollectionResult::done);
            major = stats_.was_major;
        }
        root_ = reserve(2).cons(Term::small(i), root_);
    }
    EXPECT_TRUE(major);
    EXPECT_TRUE(heap_.old_start == nullptr);
}

TEST_F(PlainHeap, absurd_needs_are_out_of_memory_and_change_nothing) {
    root_ = reserve(2).cons(Term::small(1), Term::nil());
    const Heap before = heap_;
    for (const size_t need : {size_t{1} << 50, ~size_t{0}, ~size_t{0} / 8 + 1}) {
        EXPECT_EQ(run({.need_words = need}), CollectionResult::out_of_memory);
        EXPECT_EQ(heap_.start, before.start);
        EXPECT_EQ(root_.cons_cell(), before.start);
    }
}

TEST_F(PlainHeap, over_limit_changes_nothing_and_the_caller_may_insist) {
    root_ = reserve(2).cons(Term::small(1), Term::nil());
    const Word* start = heap_.start;
    EXPECT_EQ(run({.need_words = 1000, .max_total_words = 500}), CollectionResult::over_limit);
    EXPECT_EQ(heap_.start, start);
    EXPECT_EQ(run({.need_words = 1000}), CollectionResult::done);
    EXPECT_EQ(root_.head(), Term::small(1));
    EXPECT_EQ(run({.max_total_words = 5000}), CollectionResult::done);
}

TEST_F(PlainHeap, limit_counts_both_blocks_as_otp_does) {
    // erl: a process that only makes garbage lives with {max_heap_size, 466}, that is 2 * 233, and is killed with 460.
    ASSERT_EQ(run({.force_major = true, .min_block_words = 233}), CollectionResult::done);
    ASSERT_EQ(heap_.block_words(), 233u);
    EXPECT_EQ(run({.min_block_words = 233, .max_total_words = 465}), CollectionResult::over_limit);
    EXPECT_EQ(run({.min_block_words = 233, .max_total_words = 466}), CollectionResult::done);
}

TEST_F(PlainHeap, hibernation_leaves_no_free_words) {
    ASSERT_EQ(run({.need_words = 5000}), CollectionResult::done);
    root_ = reserve(3).tuple(Term::small(1), Term::small(2));
    ASSERT_EQ(run({.shrink_to_fit = true}), CollectionResult::done);
    EXPECT_EQ(heap_.block_words(), 3u);
    ASSERT_EQ(run({.need_words = 10}), CollectionResult::done);
    EXPECT_EQ(heap_.block_words(), 16u);
}

TEST(Collector, sizes_are_those_of_otp) {
    // erl: process_info(P, heap_size) of processes spawned with every min_heap_size.
    const size_t otp[] = {233,     376,     610,     987,     1598,    2586,    4185,    6772,    10958,   17731,
                          28690,   46422,   75113,   121536,  196650,  318187,  514838,  833026,  999631,  1199557,
                          1439468, 1727361, 2072833, 2487399, 2984878, 3581853, 4298223, 5157867, 6189440, 7427328};
    size_t wish = 143;
    for (const size_t size : otp) {
        EXPECT_EQ(next_heap_size(wish), size);
        EXPECT_EQ(next_heap_size(size), size);
        wish = size + 1;
    }
    EXPECT_EQ(next_heap_size(60), 64u);
    EXPECT_GE(next_heap_size(size_t{1} << 55), size_t{1} << 55);
}

TEST_F(PlainHeap, walks_find_literals_and_funs_and_adopt_literals) {
    LiteralArea* area = literals_.create(20);
    LiteralArea* other = literals_.create(4);
    Term literal;
    BinaryData* data = BinaryData::create(100);
    {
        HeapBuilder heap(&area->top, 20, &area->off_heap);
        literal = heap.tuple(heap.cons(Term::small(7), Term::nil()), heap.refc_binary(data, 100));
    }
    Word entry_a = 0, entry_b = 0;
    Word* fun;
    {
        HeapBuilder heap = reserve(10);
        fun = heap.raw(4);
        fun[0] = make_header(Kind::fun, 3);
        fun[1] = reinterpret_cast<Word>(&entry_a);
        fun[2] = Term::nil().word();
        fun[3] = literal.word();
        root_ = heap.cons(Term::boxed(fun), Term::nil());
    }
    const RootSpan span{&root_, 1};
    ASSERT_EQ(run({.force_major = true}), CollectionResult::done);
    EXPECT_TRUE(refers_to_literals(heap_, {&span, 1}, *area));
    EXPECT_FALSE(refers_to_literals(heap_, {&span, 1}, *other));
    FunEntry* a[] = {reinterpret_cast<FunEntry*>(&entry_b), reinterpret_cast<FunEntry*>(&entry_a)};
    EXPECT_TRUE(refers_to_funs(heap_, a));
    EXPECT_FALSE(refers_to_funs(heap_, {a, 1}));

    ASSERT_TRUE(adopt_literals(heap_, {&span, 1}, *area));
    EXPECT_EQ(data->references.load(), 2u);
    literals_.destroy(area);
    EXPECT_EQ(data->references.load(), 1u);
    ASSERT_EQ(run({.force_major = true}), CollectionResult::done);
    const Term tuple(root_.head().boxed_words()[3]);
    EXPECT_FALSE(literals_.contains(tuple));
    EXPECT_EQ(Term(tuple.boxed_words()[1]).head(), Term::small(7));
    EXPECT_TRUE(Term(tuple.boxed_words()[2]).is_kind(Kind::refc_binary));
    EXPECT_EQ(heap_.off_heap.bytes, 100u);
    literals_.destroy(other);
}

}  // namespace
}  // namespace lintel
